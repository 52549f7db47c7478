import { refusals } from '../auth/platform-refusal';
import { presentApplication } from './applications';
import { answers, type Call, type Outcome, type Route } from '../rest/call';
import { OWN } from './users';

/** The tenant itself and the platform's settings. */
export const tenantRoutes: readonly Route[] = [
  { method: 'GET', path: '/tenant/currentTenant', documentedRoles: OWN, handle: currentTenant },
  { method: 'GET', path: '/tenant/loginOptions/:id', handle: loginOption },
  { method: 'GET', path: '/tenant/system/options', handle: systemOptions },
  { method: 'GET', path: '/tenant/system/options/:category/:key', handle: systemOption },
  { method: 'GET', path: '/features', handle: features },
];

function currentTenant(call: Call): Outcome {
  const { name } = call.tenant;
  return answers.ok({
    name,
    domainName: new URL(call.origin).hostname,
    allowCreateTenants: false,
    parent: 'management',
    customProperties: {},
    applications: {
      references: call.platform.store.applications.visibleTo(name).map(application => ({
        application: presentApplication(call, application),
      })),
    },
    self: `${call.origin}/tenant/currentTenant`,
  });
}

/** Login options cannot be edited; the Administration application copes with that. */
function loginOption(call: Call): Outcome {
  return refusals.notFound('tenant', `Login option '${call.params['id']}' cannot be edited`);
}

function systemOptions(): Outcome {
  return answers.ok({ options: [] });
}

function systemOption(call: Call): Outcome {
  const { category, key } = call.params;
  return refusals.notFound('options', `Unable to find option by given key (${category}, ${key})`);
}

function features(): Outcome {
  return answers.ok([]);
}
