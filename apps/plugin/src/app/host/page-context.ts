import { inject, type Signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, type ActivatedRouteSnapshot } from '@angular/router';
import { AppStateService, ContextRouteService, ThemeSwitcherService } from '@c8y/ngx-components';
import type { CurrentUser, ManagedObject } from '@remote-access/contracts/platform';
import { combineLatest, map } from 'rxjs';

/** What the signed-in user may do, according to the platform. */
export interface UserPermissions {
  roles: ReadonlySet<string>;
  /** Permissions on individual devices, by device id, e.g. `OPERATION:*:ADMIN`. */
  devicePermissions: Readonly<Record<string, readonly string[]>>;
}

/** Permissions of the signed-in user. */
export function currentPermissions(): UserPermissions {
  const user = inject(AppStateService).currentUser.value as Partial<CurrentUser> | null;
  return {
    roles: new Set(user?.effectiveRoles?.map(role => role.id)),
    devicePermissions: user?.devicePermissions ?? {},
  };
}

/** The signed-in user's name. */
export function currentUserName(): string {
  const user = inject(AppStateService).currentUser.value as Partial<CurrentUser> | null;
  return user?.userName ?? '';
}

/** The device that a route belongs to, before its page exists. */
export function deviceOfRoute(route: ActivatedRouteSnapshot): ManagedObject | undefined {
  return inject(ContextRouteService).getContextData(route)?.contextData as
    ManagedObject | undefined;
}

/** The device whose page this is. The router reuses a page when the user goes to another device. */
export function currentDevice(): Signal<ManagedObject> {
  const route = inject(ActivatedRoute);
  const contexts = inject(ContextRouteService);
  // The SDK mutates one object for all devices: copying it lets the signal detect the change.
  const read = (): ManagedObject => ({
    ...(contexts.getContextData(route)?.contextData as ManagedObject),
  });
  const params = route.parent?.params ?? route.params;
  return toSignal(params.pipe(map(read)), { initialValue: read() });
}

/** Whether the application is shown in the dark theme. */
export function darkTheme(): Signal<boolean> {
  const themes = inject(ThemeSwitcherService);
  const dark = combineLatest([themes.currentlyAppliedTheme$, themes.darkThemeAvailable$]).pipe(
    map(([theme, available]) => available && theme === 'dark'),
  );
  return toSignal(dark, { initialValue: false });
}
