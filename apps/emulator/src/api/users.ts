import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import { answers, type Call, type Outcome, type Route } from '../rest/call';
import { pageOf } from '../rest/collection-query';
import type { Account } from '../store/tenant';

/** Older devices have neither role. */
export const OWN = ['ROLE_USER_MANAGEMENT_OWN_READ', 'ROLE_SYSTEM'];

const READ = ['ROLE_USER_MANAGEMENT_READ', 'ROLE_USER_MANAGEMENT_ADMIN'];

const DOCUMENTED_READ = ['ROLE_USER_MANAGEMENT_READ', 'ROLE_USER_MANAGEMENT_CREATE'];

const ADMIN = ['ROLE_USER_MANAGEMENT_ADMIN'];

const ROLE = /^ROLE_[A-Z_]+$/;

/** The users of the caller's own tenant, and their roles. */
export const userRoutes: readonly Route[] = [
  { method: 'GET', path: '/user/currentUser', documentedRoles: OWN, handle: currentUser },
  {
    method: 'GET',
    path: '/user/:tenant/users',
    roles: READ,
    documentedRoles: DOCUMENTED_READ,
    handle: list,
  },
  {
    method: 'GET',
    path: '/user/:tenant/groupByName/:name',
    roles: READ,
    documentedRoles: DOCUMENTED_READ,
    handle: getGroup,
  },
  { method: 'GET', path: '/user/:tenant/users/:id', handle: get },
  { method: 'PUT', path: '/user/:tenant/users/:id', roles: ADMIN, handle: onUser(change) },
  { method: 'DELETE', path: '/user/:tenant/users/:id', roles: ADMIN, handle: onUser(remove) },
  { method: 'POST', path: '/user/:tenant/users/:id/roles', roles: ADMIN, handle: onUser(addRole) },
  {
    method: 'DELETE',
    path: '/user/:tenant/users/:id/roles/:role',
    roles: ADMIN,
    handle: onUser(removeRole),
  },
];

function currentUser(call: Call): Outcome {
  return answers.ok({
    ...presentAccount(call, call.tenant.accounts.get(call.user.id)!),
    effectiveRoles: [...call.user.effectiveRoles].map(role => presentRole(call, role)),
  });
}

function list(call: Call): Outcome {
  if (!isOwnTenant(call)) return refusals.forbidden();
  const people = call.tenant.accounts.list().filter(account => account.kind !== 'bootstrap');
  const page = pageOf(people, call);
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({ users: page.items.map(one => presentAccount(call, one)), ...page.frame });
}

function get(call: Call): Outcome {
  const id = call.params['id']!;
  const readers = call.platform.strictRoles ? ['ROLE_USER_MANAGEMENT_READ'] : READ;
  const mayRead = id === call.user.id || readers.some(role => call.user.effectiveRoles.has(role));
  if (!isOwnTenant(call) || !mayRead) return refusals.forbidden();
  const account = call.tenant.accounts.get(id);
  return account
    ? answers.ok(presentAccount(call, account))
    : refusals.notFound('user', `User '${id}' not found`);
}

/** The only group, `devices`, has the roles of the devices, although they hold these directly. */
function getGroup(call: Call): Outcome {
  if (!isOwnTenant(call)) return refusals.forbidden();
  const { name } = call.params;
  if (name !== 'devices') return refusals.notFound('group', `Group '${name}' not found`);
  const devices = call.tenant.accounts.list().filter(({ kind }) => kind === 'device');
  const roles = [...new Set(devices.flatMap(device => device.roles))];
  return answers.ok({
    id: 1,
    name,
    roles: { references: roles.map(role => ({ role: presentRole(call, role) })) },
    self: `${call.origin}/user/${call.tenant.name}/groups/1`,
  });
}

function isOwnTenant(call: Call): boolean {
  return call.params['tenant'] === call.tenant.name;
}

function onUser(handle: (call: Call, account: Account) => Outcome): (call: Call) => Outcome {
  return call => {
    const { tenant, id } = call.params;
    if (tenant !== call.tenant.name) return refusals.forbidden();
    const account = call.tenant.accounts.get(id!);
    return account ? handle(call, account) : refusals.notFound('user', `User '${id}' not found`);
  };
}

/** As on the platform, the body cannot change roles. */
function change(call: Call, account: Account): Outcome {
  const { enabled = account.enabled, email = account.email, password, ...others } = call.body;
  const { displayName = account.displayName, devicePermissions } = others;
  if (typeof enabled !== 'boolean') return refusals.invalid('user', 'enabled must be a boolean');
  if (![email ?? '', displayName, password ?? ''].every(text => typeof text === 'string')) {
    return refusals.invalid('user', 'email, displayName and password must be strings');
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

function addRole(call: Call, account: Account): Outcome {
  const { role } = call.body as { role?: { self?: unknown } };
  const name = typeof role?.self === 'string' ? role.self.split('/').at(-1)! : '';
  if (!ROLE.test(name)) return refusals.invalid('user', 'role.self must name a role');
  const roles = [...account.roles.filter(one => one !== name), name];
  call.tenant.accounts.put({ ...account, roles });
  const reference = { role: presentRole(call, name), self: `${call.origin}${call.path}/${name}` };
  return answers.created(reference, reference.self);
}

function removeRole(call: Call, account: Account): Outcome {
  const name = call.params['role']!;
  if (!account.roles.includes(name)) {
    return refusals.notFound('user', `User '${account.id}' does not have the role '${name}'`);
  }
  const roles = account.roles.filter(one => one !== name);
  call.tenant.accounts.put({ ...account, roles });
  return answers.noContent();
}

/** A user as the API returns it, without the password. */
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

/** A role as the API returns it. */
export function presentRole(call: Call, role: string) {
  return { id: role, name: role, self: `${call.origin}/user/roles/${role}` };
}
