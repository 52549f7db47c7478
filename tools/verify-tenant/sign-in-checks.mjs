import { agrees, describe, judge, notAllowed, notChecked } from './verdict.mjs';

const OPENAPI = 'OpenAPI of the platform';
const CLIENTS = 'c8ylp and @c8y/client';

/** Either lets users ask who they are. */
const OWN_READ = /^ROLE_(USER_MANAGEMENT_OWN_READ|SYSTEM)$/;

/** @type {import('./verdict.mjs').Check[]} */
export const SIGN_IN_CHECKS = [
  {
    name: 'login-options',
    source: OPENAPI,
    expected: 'GET /tenant/loginOptions answers without credentials; each option has a type',
    async look(tenant) {
      const { status, json } = await tenant.call('GET', '/tenant/loginOptions', { as: 'none' });
      const options = json?.loginOptions;
      if (!Array.isArray(options)) return judge(false, `${status} without a list of options`);
      const seen = options.map(option => {
        const { type, visibleOnLoginPage, initRequest, grantType } = option;
        const shown = visibleOnLoginPage ? 'shown' : 'hidden';
        return `${type} (${grantType ?? 'no grant type'}, ${shown}${initRequest ? ', initRequest' : ''})`;
      });
      return judge(
        status === 200 && options.every(one => typeof one?.type === 'string'),
        seen.join('; '),
      );
    },
  },
  {
    name: 'call-without-credentials',
    source: OPENAPI,
    expected: 'GET /user/currentUser without credentials gets 401',
    async look(tenant) {
      const answer = await tenant.call('GET', '/user/currentUser', { as: 'none' });
      const challenge = answer.headers['www-authenticate']?.split(' ', 1)[0];
      return judge(
        answer.status === 401,
        `${describe(answer)}, challenge ${challenge ?? 'missing'}`,
      );
    },
  },
  {
    name: 'basic-sign-in',
    source: OPENAPI,
    expected: 'Basic with tenant/user is accepted',
    look: async tenant => {
      const answer = await tenant.call('GET', '/user/currentUser', { as: 'basic' });
      if (answer.status === 401) return notChecked('this tenant or user does not accept Basic');
      return notAllowed(answer) ?? judge(answer.status === 200, describe(answer));
    },
  },
  {
    name: 'basic-without-tenant',
    source: 'documentation of the platform, Basic authentication',
    expected: 'Basic with the user name alone is accepted at the address of the tenant',
    async look(tenant) {
      const { user, password } = tenant.credentials;
      const Authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      tenant.redaction.hideSecret('credentials', `${user}:${password}`);
      const answer = await tenant.call('GET', '/user/currentUser', {
        as: 'none',
        headers: { Authorization },
      });
      if (answer.status === 401) {
        const whole = await tenant.call('GET', '/user/currentUser', { as: 'basic' });
        if (whole.status === 401) return notChecked('this tenant or user does not accept Basic');
      }
      return notAllowed(answer) ?? judge(answer.status === 200, describe(answer));
    },
  },
  {
    name: 'cookie-sign-in',
    source: CLIENTS,
    expected: 'POST /tenant/oauth sets authorization (HttpOnly) and XSRF-TOKEN (not HttpOnly)',
    async look(tenant) {
      const answer = await tenant.signInByCookie();
      if (!answer.headers['set-cookie']) {
        return notChecked(`no cookies: ${describe(answer)}; OAI-Secure may be off`);
      }
      const flags = (answer.headers['set-cookie'] ?? []).map(cookie => {
        const [pair = '', ...attributes] = cookie.split(';');
        const named = attributes.map(one => one.trim()).filter(one => !/^domain=/i.test(one));
        return { name: pair.split('=', 1)[0], attributes: named };
      });
      const isHidden = (/** @type {string} */ name) =>
        flags.find(one => one.name === name)?.attributes.some(one => /^httponly$/i.test(one));
      return judge(
        isHidden('authorization') === true && isHidden('XSRF-TOKEN') === false,
        flags.map(({ name, attributes }) => `${name}: ${attributes.join(', ')}`).join('; '),
      );
    },
  },
  {
    name: 'cookie-needs-xsrf-token',
    source: CLIENTS,
    expected: 'a cookie counts only together with its X-XSRF-TOKEN',
    async look(tenant) {
      if (!tenant.cookie) return notChecked('there is no cookie sign-in');
      const headers = { Cookie: tenant.cookie };
      const without = await tenant.call('GET', '/user/currentUser', { as: 'none', headers });
      const together = await tenant.call('GET', '/user/currentUser', { as: 'cookie' });
      return judge(
        without.status === 401 && together.status === 200,
        `without ${without.status}, with ${together.status}`,
      );
    },
  },
  {
    name: 'token-sign-in',
    source: OPENAPI,
    expected: 'POST /tenant/oauth/token gives a JWT that is accepted as Bearer',
    async look(tenant) {
      const answer = await tenant.signInForToken();
      if (!tenant.accessToken) return notChecked(`no token: ${describe(answer)}`);
      const called = await tenant.call('GET', '/user/currentUser', { as: 'bearer' });
      const parts = tenant.accessToken.split('.').length;
      return judge(parts === 3 && called.status === 200, `${parts} parts, then ${called.status}`);
    },
  },
  {
    name: 'size-of-the-cookies',
    source: 'not verified',
    expected: 'the cookies take less than 8 KB of the request headers',
    async look(tenant) {
      if (!tenant.cookie) return notChecked('there is no cookie sign-in');
      return judge(tenant.cookie.length < 8 * 1024, `${tenant.cookie.length} characters`);
    },
  },
];

/** @type {import('./verdict.mjs').Check[]} */
export const PEOPLE_CHECKS = [
  {
    name: 'current-user',
    source: OPENAPI,
    expected: 'GET /user/currentUser has id, userName and effectiveRoles with an id each',
    async look(tenant) {
      const answer = await tenant.call('GET', '/user/currentUser');
      const { json } = answer;
      const roles = json?.effectiveRoles;
      return (
        notAllowed(answer) ??
        judge(
          typeof json?.id === 'string' &&
            typeof json.userName === 'string' &&
            Array.isArray(roles) &&
            roles.every(role => typeof role?.id === 'string'),
          `${answer.status}, fields ${Object.keys(json ?? {})
            .sort()
            .join(' ')}`,
        )
      );
    },
  },
  {
    name: 'effective-roles-include-groups',
    source: 'reference guide, users: explicitly, or implicitly by associated groups',
    expected: "effectiveRoles contains the roles of the user's groups",
    async look(tenant) {
      const { json } = await tenant.call('GET', '/user/currentUser');
      const groups = json?.groups?.references ?? [];
      const inherited = groups.flatMap((/** @type {any} */ { group }) =>
        (group?.roles?.references ?? []).map((/** @type {any} */ { role }) => role?.id),
      );
      if (inherited.length === 0) return notChecked('this user has no group with roles');
      const effective = new Set(json.effectiveRoles?.map((/** @type {any} */ { id }) => id));
      const missing = inherited.filter((/** @type {string} */ id) => !effective.has(id));
      return judge(
        missing.length === 0,
        `${missing.length} of ${inherited.length} missing ${missing.join(' ')}`.trim(),
      );
    },
  },
  {
    name: 'device-permissions',
    source: OPENAPI,
    expected: 'devicePermissions is an object of SCOPE:fragment:LEVEL by managed object',
    async look(tenant) {
      const answer = await tenant.call('GET', '/user/currentUser');
      const permissions = answer.json?.devicePermissions;
      if (permissions === undefined || permissions === null) {
        return notAllowed(answer) ?? judge(false, 'the field is missing');
      }
      const values = Object.values(permissions).flat();
      return judge(
        typeof permissions === 'object' && values.every(isPermission),
        `${Object.keys(permissions).length} objects, forms ${[...new Set(values.map(formOf))].join(' ') || 'none'}`,
      );
    },
  },
  {
    name: 'inventory-roles-in-device-permissions',
    source: 'not verified: the reference guide describes both, and not how they are related',
    expected: 'rights by inventory roles appear in devicePermissions of their managed object',
    async look(tenant) {
      const { json } = await tenant.call('GET', '/user/currentUser');
      const name = [tenant.credentials.tenant, json?.id ?? ''].map(encodeURIComponent);
      const answer = await tenant.call('GET', `/user/${name[0]}/users/${name[1]}/roles/inventory`);
      const refused = notAllowed(answer);
      if (refused) return refused;
      const assigned = (answer.json?.inventoryAssignments ?? []).map(
        (/** @type {any} */ { managedObject }) => String(managedObject),
      );
      if (assigned.length === 0) return notChecked('this user has no inventory role');
      const known = Object.keys(json?.devicePermissions ?? {});
      const missing = assigned.filter((/** @type {string} */ id) => !known.includes(id));
      return judge(missing.length === 0, `${missing.length} of ${assigned.length} missing`);
    },
  },
  {
    name: 'roles-of-devices',
    source: 'thin-edge.io',
    expected: 'devices may hold ROLE_DEVICE_CONTROL_READ, and read operations of other devices',
    look: async tenant => rolesOfDevices(tenant, () => true),
  },
  {
    name: 'devices-without-own-read',
    source: 'documentation of the platform, and not verified for each version',
    expected: 'older devices get 403 for /user/currentUser: either answer will do',
    look: async tenant => rolesOfDevices(tenant, role => OWN_READ.test(role)),
  },
  {
    name: 'current-tenant',
    source: OPENAPI,
    expected: 'GET /tenant/currentTenant has the name of the tenant and its domainName',
    async look(tenant) {
      const answer = await tenant.call('GET', '/tenant/currentTenant');
      const { name, domainName } = answer.json ?? {};
      tenant.redaction.hideName('domain', domainName);
      return (
        notAllowed(answer) ??
        judge(
          name === tenant.credentials.tenant && typeof domainName === 'string',
          `${answer.status}, domain ${domainName === tenant.url.hostname ? 'as' : 'not as'} in the address`,
        )
      );
    },
  },
  {
    name: 'subscription',
    source: OPENAPI,
    expected: 'cloud-remote-access is a subscribed microservice with the context path remoteaccess',
    async look(tenant) {
      const answer = await tenant.call(
        'GET',
        '/application/applicationsByName/cloud-remote-access',
      );
      const refused = notAllowed(answer);
      if (refused) return refused;
      const [application] = answer.json?.applications ?? [];
      const { json } = await tenant.call('GET', '/tenant/currentTenant');
      const references = json?.applications?.references ?? [];
      const isSubscribed = references.some(
        (/** @type {any} */ one) => one.application?.name === 'cloud-remote-access',
      );
      const { type, contextPath } = application ?? {};
      return judge(
        isSubscribed && type === 'MICROSERVICE' && contextPath === 'remoteaccess',
        `${type ?? 'unknown'}, context path ${contextPath ?? 'none'}, subscribed ${isSubscribed}`,
      );
    },
  },
  {
    name: 'application-key-header',
    source: OPENAPI,
    expected: 'X-Cumulocity-Application-Key is accepted on every call',
    async look(tenant) {
      const headers = { 'X-Cumulocity-Application-Key': 'cloud-remote-access-key' };
      const answer = await tenant.call('GET', '/user/currentUser', { headers });
      return notAllowed(answer) ?? judge(answer.status === 200, describe(answer));
    },
  },
  {
    name: 'limits',
    source: 'not verified: the reference guide, HTTP usage, names 429 without Retry-After',
    expected: 'an answer 429 says in Retry-After when to come back',
    async look(tenant) {
      const refused = tenant.statuses.get(429) ?? 0;
      const headers = [...tenant.limitHeaders].join(' ') || 'none';
      const seen = `${refused} answers 429 so far, headers about limits: ${headers}`;
      return tenant.silentRefusals > 0 ? judge(false, seen) : agrees(seen);
    },
  },
];

/**
 * What the group `devices`, to which registered devices belong, grants. Neither check can differ:
 * the service admits gateways whatever their roles are.
 *
 * @param {import('./tenant.mjs').Tenant} tenant
 * @param {(role: string) => boolean} isRelevant
 */
async function rolesOfDevices(tenant, isRelevant) {
  const path = `/user/${encodeURIComponent(tenant.credentials.tenant)}/groupByName/devices`;
  const answer = await tenant.call('GET', path);
  const refused = notAllowed(answer);
  if (refused) return refused;
  const references = answer.json?.roles?.references;
  if (!Array.isArray(references)) return notChecked(`no group with roles: ${describe(answer)}`);
  const roles = references.map(({ role }) => String(role?.id)).filter(isRelevant);
  return agrees(`the group devices grants ${roles.join(' ') || 'none'}`);
}

/** @param {unknown} value */
function isPermission(value) {
  return typeof value === 'string' && value.split(':').length === 3;
}

/** @param {unknown} value */
function formOf(value) {
  const [scope = '', fragment, level = ''] = String(value).split(':');
  return `${scope}:${fragment === '*' ? '*' : 'fragment'}:${level}`;
}
