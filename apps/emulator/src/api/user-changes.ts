import { refusals } from '../auth/refusals';
import type { Account } from '../store/account';
import { answers } from './answers';
import type { Call, Outcome, Route } from './call';
import { presentAccount, presentRole } from './current-user';

const ADMIN = ['ROLE_USER_MANAGEMENT_ADMIN'];

const ROLE = /^ROLE_[A-Z_]+$/;

/** Changing and removing the users of the caller's own tenant, and giving and taking their roles. */
export const userChangeRoutes: readonly Route[] = [
  { method: 'PUT', path: '/user/:tenant/users/:id', roles: ADMIN, handle: onUser(change) },
  { method: 'DELETE', path: '/user/:tenant/users/:id', roles: ADMIN, handle: onUser(remove) },
  { method: 'POST', path: '/user/:tenant/users/:id/roles', roles: ADMIN, handle: onUser(give) },
  {
    method: 'DELETE',
    path: '/user/:tenant/users/:id/roles/:role',
    roles: ADMIN,
    handle: onUser(take),
  },
];

function onUser(handle: (call: Call, account: Account) => Outcome): (call: Call) => Outcome {
  return call => {
    const { tenant, id } = call.params;
    if (tenant !== call.tenant.name) return refusals.forbidden();
    const account = call.tenant.accounts.get(id!);
    return account ? handle(call, account) : refusals.notFound('user', `User '${id}' not found`);
  };
}

/** Roles are no part of the body, as with the platform. */
function change(call: Call, account: Account): Outcome {
  const { enabled = account.enabled, email = account.email, password, ...others } = call.body;
  const { displayName = account.displayName, devicePermissions } = others;
  if (typeof enabled !== 'boolean') return refusals.invalid('user', 'enabled must be a boolean');
  if (![email ?? '', displayName, password ?? ''].every(text => typeof text === 'string')) {
    return refusals.invalid('user', 'email, displayName and password must be texts');
  }
  const changed: Account = {
    ...account,
    enabled,
    displayName: displayName as string,
    password: (password as string | undefined) ?? account.password,
    devicePermissions:
      (devicePermissions as Account['devicePermissions'] | undefined) ?? account.devicePermissions,
    ...(email === undefined ? {} : { email: email as string }),
  };
  return answers.ok(presentAccount(call, call.tenant.accounts.put(changed)));
}

function remove(call: Call, account: Account): Outcome {
  if (account.id === call.user.id) return refusals.forbidden();
  call.tenant.accounts.delete(account.id);
  return answers.noContent();
}

function give(call: Call, account: Account): Outcome {
  const { role } = call.body as { role?: { self?: unknown } };
  const name = typeof role?.self === 'string' ? role.self.split('/').at(-1)! : '';
  if (!ROLE.test(name)) return refusals.invalid('user', 'role.self must name a role');
  const roles = [...account.roles.filter(one => one !== name), name];
  call.tenant.accounts.put({ ...account, roles });
  const reference = { role: presentRole(call, name), self: `${call.origin}${call.path}/${name}` };
  return answers.created(reference, reference.self);
}

function take(call: Call, account: Account): Outcome {
  const name = call.params['role']!;
  if (!account.roles.includes(name)) {
    return refusals.notFound('user', `User '${account.id}' does not have the role '${name}'`);
  }
  const roles = account.roles.filter(one => one !== name);
  call.tenant.accounts.put({ ...account, roles });
  return answers.noContent();
}
