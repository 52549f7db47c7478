import { inject } from '@angular/core';
import { AppStateService } from '@c8y/ngx-components';
import type { CurrentUser } from '@remote-access/contracts/platform';
import type { Caller } from '../endpoints/access-verdict';

/** Who is signed in, with the roles that the platform gave them. */
export function currentCaller(): Caller {
  const user = inject(AppStateService).currentUser.value as Partial<CurrentUser> | null;
  return {
    roles: new Set(user?.effectiveRoles?.map(role => role.id)),
    devicePermissions: user?.devicePermissions ?? {},
  };
}
