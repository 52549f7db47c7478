import { inject, type Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute } from '@angular/router';
import { ContextRouteService } from '@c8y/ngx-components';
import type { ManagedObject } from '@remote-access/contracts/platform';
import { map } from 'rxjs';

/** The device whose page this is. The router keeps pages alive from one device to the next. */
export function currentDevice(): Signal<ManagedObject> {
  const route = inject(ActivatedRoute);
  const contexts = inject(ContextRouteService);
  // The SDK fills one object anew for every device: a copy lets the signal see the change.
  const read = (): ManagedObject => ({
    ...(contexts.getContextData(route)?.contextData as ManagedObject),
  });
  const params = route.parent?.params ?? route.params;
  return toSignal(params.pipe(map(read)), { initialValue: read() });
}
