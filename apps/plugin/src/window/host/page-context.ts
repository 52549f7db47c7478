// Replaces app/host/page-context.ts in this page. Like sdk.ts, it contains nothing that must exist once.
import { inject, signal, type Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute } from '@angular/router';
import type { ManagedObject } from '@remote-access/contracts/platform';
import { map } from 'rxjs';
import { WINDOW_START } from './window-start';

export function currentUserName(): string {
  return inject(WINDOW_START).userName;
}

/** The gateway of the session; contains only the id if it cannot be read. */
export function currentDevice(): Signal<ManagedObject> {
  const { devices } = inject(WINDOW_START);
  const route = inject(ActivatedRoute);
  const device = (id: string): ManagedObject => devices[id] ?? { id };
  return toSignal(route.paramMap.pipe(map(params => device(params.get('deviceId') ?? ''))), {
    requireSync: true,
  });
}

export function darkTheme(): Signal<boolean> {
  return signal(inject(WINDOW_START).isDark);
}
