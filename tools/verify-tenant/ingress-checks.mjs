import { heldOpen } from './held-connection.mjs';
import { describe, isOfService, judge, notChecked } from './verdict.mjs';

/** No endpoint has this id: the service refuses, and the refusal shows who answered. */
const NO_ENDPOINT = '/service/remoteaccess/client/0/configurations/0';

/** The only public statement about it says the opposite, so both ways have to work. */
const VERIFIED_FIRST =
  'not verified: the documentation of microservices, request routing and security, says that credentials are verified first';

const HEALTH = '/service/remoteaccess/health';

/** In KiB. Together with a browser's cookies, far below what servers usually accept. */
const HEADER_SIZES = [4, 8, 12];

/** @type {import('./verdict.mjs').Check[]} */
const THROUGH_THE_INGRESS = [
  {
    name: 'request-without-credentials',
    source: VERIFIED_FIRST,
    expected: 'the ingress forwards requests without credentials',
    async look(tenant) {
      const answer = await tenant.call('HEAD', HEALTH, { as: 'none' });
      return judge(answer.status === 200, String(answer.status));
    },
  },
  {
    name: 'request-with-cookie',
    source: 'cloud-http-proxy, pyc8y and @c8y/client',
    expected: 'to the service, a request with cookie and XSRF token is from the user who signed in',
    async look(tenant) {
      if (!tenant.cookie) return notChecked('there is no cookie sign-in');
      const path = '/service/remoteaccess/devices/0/configurations';
      const answer = await tenant.call('GET', path, { as: 'cookie' });
      return judge(isOfService(answer) && answer.status !== 401, describe(answer));
    },
  },
  {
    name: 'upgrade-without-credentials',
    source: VERIFIED_FIRST,
    expected: 'the ingress forwards a WebSocket upgrade without credentials',
    async look(tenant) {
      const answer = await tenant.upgrade(NO_ENDPOINT, { as: 'none' });
      return judge(isOfService(answer), describe(answer));
    },
  },
  {
    name: 'upgrade-with-ticket-only',
    source: VERIFIED_FIRST,
    expected: 'the ingress forwards an upgrade with a ticket in the address and no credentials',
    async look(tenant) {
      const answer = await tenant.upgrade(`${NO_ENDPOINT}?ticket=none`, { as: 'none' });
      return judge(isOfService(answer), describe(answer));
    },
  },
  {
    name: 'upgrade-with-header',
    source: 'c8ylp and go-c8y-cli',
    expected: 'an upgrade with an Authorization header reaches the service',
    async look(tenant) {
      const as = tenant.signIn === 'cookie' && tenant.accessToken ? 'bearer' : tenant.signIn;
      if (as === 'cookie') return notChecked('neither Basic nor a token is accepted');
      const answer = await tenant.upgrade(NO_ENDPOINT, { as });
      return judge(isOfService(answer) && answer.status !== 401, `${as}: ${describe(answer)}`);
    },
  },
  {
    name: 'upgrade-with-cookie',
    source: '@c8y/ngx-components',
    expected: 'an upgrade with cookie and ?XSRF-TOKEN= reaches the service and is signed in there',
    async look(tenant) {
      if (!tenant.cookie) return notChecked('there is no cookie sign-in');
      const answer = await tenant.upgrade(NO_ENDPOINT, { as: 'cookie' });
      return judge(isOfService(answer) && answer.status !== 401, describe(answer));
    },
  },
  {
    name: 'upgrade-from-own-page',
    source: 'documentation of the platform, forwarded headers',
    expected: 'the Origin of the tenant is not refused, so X-Forwarded-Host names the tenant',
    async look(tenant) {
      const headers = { Origin: tenant.url.origin };
      const answer = await tenant.upgrade(NO_ENDPOINT, { headers });
      if (!isOfService(answer)) return notChecked(describe(answer));
      return judge(answer.json?.error !== 'remoteaccess/foreign-origin', describe(answer));
    },
  },
  {
    name: 'upgrade-from-foreign-page',
    source: 'our own rule',
    expected: 'a foreign Origin is refused with 403',
    async look(tenant) {
      const headers = { Origin: 'https://foreign.example' };
      const answer = await tenant.upgrade(NO_ENDPOINT, { headers });
      return judge(answer.status === 403, describe(answer));
    },
  },
  {
    name: 'request-header-size',
    source: 'not verified',
    expected: 'requests with 8 KB of headers reach the service',
    async look(tenant) {
      const statuses = [];
      for (const kilobytes of HEADER_SIZES) {
        const headers = { 'X-Padding': 'x'.repeat(kilobytes * 1024) };
        const { status } = await tenant.call('HEAD', HEALTH, { headers });
        statuses.push({ kilobytes, status });
      }
      const fits = statuses.find(({ kilobytes }) => kilobytes === 8)?.status === 200;
      return judge(
        fits,
        statuses.map(({ kilobytes, status }) => `${kilobytes} KB: ${status}`).join(', '),
      );
    },
  },
];

/** @type {import('./verdict.mjs').Check[]} */
export const INGRESS_CHECKS = [
  {
    name: 'service-health',
    source: 'documentation of the platform, microservices',
    expected: 'HEAD /service/remoteaccess/health is answered with 200',
    async look(tenant) {
      const answer = await tenant.call('HEAD', HEALTH);
      return judge(answer.status === 200, String(answer.status));
    },
  },
  {
    name: 'long-connections',
    source:
      'not verified: the documentation of microservices allows to end requests that take too long',
    expected: 'the ingress keeps a WebSocket open as long as pings pass every 25 s',
    async look(tenant) {
      const { session } = tenant;
      if (!session) return notChecked('--session names no session to open');
      return heldOpen(tenant, session.path, session.seconds);
    },
  },
  ...THROUGH_THE_INGRESS.map(check => ({
    ...check,
    /** @param {import('./tenant.mjs').Tenant} tenant */
    look: async tenant => (await missingService(tenant)) ?? check.look(tenant),
  })),
];

/**
 * Assumptions that only the microservice and the agent can observe. They are listed so that the
 * report is complete.
 *
 * @type {import('./verdict.mjs').Check[]}
 */
export const INSIDE_CHECKS = [
  {
    name: 'stand-in-header',
    source: 'cloud-http-proxy, pyc8y and @c8y/client',
    expected: 'to a sign-in cookie the ingress adds a Basic header with a stand-in password',
  },
  {
    name: 'forwarded-headers',
    source: 'documentation of the platform, microservices',
    expected:
      'Host is the name in the cluster; X-Forwarded-Host is the tenant; X-Forwarded-Proto may be http',
  },
  {
    name: 'encrypted-options-as-headers',
    source: 'documentation of the platform, microservice settings',
    expected: 'requests carry credentials.* options of the category, without that prefix',
  },
  {
    name: 'environment-of-the-service',
    source: 'documentation of the platform, microservice runtime',
    expected: 'C8Y_BASEURL and C8Y_BOOTSTRAP_* are set; a manifest can set no variables',
  },
  {
    name: 'password-of-the-service-user',
    source:
      'documentation of the platform, microservice security: random credentials, by subscription',
    expected: 'each tenant has a service user with a random password that all replicas get',
  },
  {
    name: 'availability-of-a-gateway',
    source: 'OpenAPI of the platform',
    expected: 'calls with X-Cumulocity-Application-Key do not make a gateway look available',
  },
].map(check => ({
  ...check,
  look: async () => notChecked('not visible from outside'),
}));

/**
 * Refusals of another product, or of the platform while the service is down, would reveal nothing
 * about the assumptions.
 *
 * @param {import('./tenant.mjs').Tenant} tenant
 */
async function missingService(tenant) {
  const { status, json } = await tenant.call('GET', HEALTH);
  if (json?.components?.keyMaterial) return undefined;
  return notChecked(`this microservice does not answer at ${HEALTH} (${status})`);
}
