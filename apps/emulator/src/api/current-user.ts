import type { Account } from '../store/account';
import { answers } from './answers';
import type { Call, Outcome, Route } from './call';

/** `GET /user/currentUser`: who the caller is, for people, devices and microservices alike. */
export const currentUserRoutes: readonly Route[] = [
  { method: 'GET', path: '/user/currentUser', handle: currentUser },
];

function currentUser(call: Call): Outcome {
  return answers.ok({
    ...presentAccount(call, call.tenant.accounts.get(call.user.id)!),
    effectiveRoles: [...call.user.effectiveRoles].map(role => presentRole(call, role)),
  });
}

/** A user as the platform shows one, without the password. */
export function presentAccount(call: Call, account: Account) {
  const [firstName = '', ...rest] = account.displayName.split(' ');
  return {
    id: account.id,
    userName: account.id,
    displayName: account.displayName,
    firstName,
    lastName: rest.join(' '),
    email: account.email,
    enabled: account.enabled,
    shouldResetPassword: false,
    customProperties: {},
    devicePermissions: account.devicePermissions,
    applications: [],
    roles: { references: account.roles.map(role => ({ role: presentRole(call, role) })) },
    groups: { references: [] },
    self: `${call.origin}/user/${call.tenant.name}/users/${encodeURIComponent(account.id)}`,
  };
}

/** A role as the platform shows one. */
export function presentRole(call: Call, role: string) {
  return { id: role, name: role, self: `${call.origin}/user/roles/${role}` };
}
