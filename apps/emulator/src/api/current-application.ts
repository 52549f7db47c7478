import type { Subscriptions } from '@remote-access/contracts/platform';
import { refusals } from '../auth/refusals';
import { answers } from './answers';
import type { Application } from '../seed/applications';
import type { Call, Outcome, Route } from './call';
import { presentApplication } from './applications';
import { categoryMap } from './options';

/** What a microservice asks about itself; nobody else has a current application. */
export const currentApplicationRoutes: readonly Route[] = [
  { method: 'GET', path: '/application/currentApplication', handle: current },
  { method: 'GET', path: '/application/currentApplication/subscriptions', handle: subscriptions },
  { method: 'GET', path: '/application/currentApplication/settings', handle: settings },
];

function current(call: Call): Outcome {
  const application = applicationOf(call);
  return application ? answers.ok(presentApplication(call, application)) : refusals.forbidden();
}

/** The service users of all subscribed tenants, with passwords: for the bootstrap user only. */
function subscriptions(call: Call): Outcome {
  const application = applicationOf(call);
  const account = call.tenant.accounts.get(call.user.id);
  if (!application || account?.kind !== 'bootstrap') return refusals.forbidden();
  const users = call.platform.store.listTenants().flatMap(tenant =>
    tenant.accounts
      .list()
      .filter(one => one.kind === 'service' && one.application === application.name && one.enabled)
      .map(one => ({ tenant: tenant.name, name: one.id, password: one.password })),
  );
  return answers.ok({ users } satisfies Subscriptions);
}

function settings(call: Call): Outcome {
  const category = applicationOf(call)?.settingsCategory;
  return category === undefined ? refusals.forbidden() : answers.ok(categoryMap(call, category));
}

function applicationOf(call: Call): Application | undefined {
  const name = call.tenant.accounts.get(call.user.id)?.application;
  return call.platform.applications.find(one => one.name === name);
}
