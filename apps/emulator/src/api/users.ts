import { PlatformRefusal } from '../auth/platform-refusal';
import { refusals } from '../auth/refusals';
import { answers } from './answers';
import type { Call, Outcome, Route } from './call';
import { presentAccount } from './current-user';
import { pageOf } from './paging';

const READ = ['ROLE_USER_MANAGEMENT_READ', 'ROLE_USER_MANAGEMENT_ADMIN'];

/** The users of the caller's own tenant, to read. */
export const userRoutes: readonly Route[] = [
  { method: 'GET', path: '/user/:tenant/users', roles: READ, handle: list },
  { method: 'GET', path: '/user/:tenant/users/:id', handle: get },
];

function list(call: Call): Outcome {
  if (!isOwnTenant(call)) return refusals.forbidden();
  const people = call.tenant.accounts.list().filter(account => account.kind !== 'bootstrap');
  const page = pageOf(people, call);
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({ users: page.items.map(one => presentAccount(call, one)), ...page.frame });
}

function get(call: Call): Outcome {
  const id = call.params['id']!;
  const mayRead = id === call.user.id || READ.some(role => call.user.effectiveRoles.has(role));
  if (!isOwnTenant(call) || !mayRead) return refusals.forbidden();
  const account = call.tenant.accounts.get(id);
  return account
    ? answers.ok(presentAccount(call, account))
    : refusals.notFound('user', `User '${id}' not found`);
}

function isOwnTenant(call: Call): boolean {
  return call.params['tenant'] === call.tenant.name;
}
