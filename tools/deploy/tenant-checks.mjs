import { CliError } from '../cli-error.mjs';

/** @typedef {import('./platform.mjs').Platform} Platform */

/** The required roles, each with its purpose. */
const NEEDED_ROLES = {
  ROLE_APPLICATION_MANAGEMENT_ADMIN: 'upload and subscribe applications',
  ROLE_OPTION_MANAGEMENT_ADMIN: 'set the key material for secrets',
  ROLE_INVENTORY_READ: 'see the status of the microservice',
};

/** Tenants that may host microservices are subscribed to this. */
const HOSTING = 'feature-microservice-hosting';

/**
 * The deploying user and the tenant.
 *
 * @typedef {{ tenant: string, user: string }} Deployer
 */

/**
 * Checks whether this user can deploy to this tenant, before anything is changed.
 *
 * @param {Platform} platform
 * @returns {Promise<Deployer>}
 */
export async function checkRights(platform) {
  const user = await platform.require('Reading the user', 'GET', '/user/currentUser');
  const roles = (user.effectiveRoles ?? []).map((/** @type {{ id: string }} */ { id }) => id);
  const missing = Object.entries(NEEDED_ROLES).filter(([role]) => !roles.includes(role));
  if (missing.length > 0) {
    const list = missing.map(([role, purpose]) => `${role} (to ${purpose})`).join(', ');
    throw new CliError(
      `The user ${user.userName} lacks ${list}. Deploy as an administrator of the tenant, or ask for the roles.`,
    );
  }
  const tenant = await platform.require('Reading the tenant', 'GET', '/tenant/currentTenant');
  return { tenant: tenant.name, user: user.userName };
}

/** @param {Platform} platform */
export async function checkHosting(platform) {
  const answer = await platform.call('GET', `/application/applicationsByName/${HOSTING}`);
  if (answer.status === 200 && answer.json?.applications?.length > 0) return;
  throw new CliError(
    'The tenant may not host microservices. Ask the operator of the platform to subscribe it to ' +
      `"${HOSTING}", or run the service yourself: docs/run-yourself.md.`,
  );
}

/**
 * The application that serves a context path in this tenant.
 *
 * @param {Platform} platform
 * @param {string} tenant
 * @param {string} contextPath
 * @returns {Promise<{ own: any, foreign: any }>}
 */
export async function applicationsAt(platform, tenant, contextPath) {
  const path = `/application/applicationsByTenant/${encodeURIComponent(tenant)}?dropOverwrittenApps=false`;
  const all = await platform.list('Reading the applications', path, 'applications');
  const there = all.filter(one => one.contextPath === contextPath);
  const isOwn = (/** @type {any} */ one) => one.owner?.tenant?.id === tenant;
  return { own: there.find(isOwn), foreign: there.find(one => !isOwn(one)) };
}

/**
 * @param {Platform} platform
 * @param {string} tenant
 * @param {string} contextPath
 * @returns {Promise<any>} the tenant's own microservice there, if there is one
 * @throws {CliError} if the vendor's microservice uses the context path
 */
export async function checkContextPath(platform, tenant, contextPath) {
  const { own, foreign } = await applicationsAt(platform, tenant, contextPath);
  if (foreign?.type === 'MICROSERVICE') {
    throw new CliError(
      `The tenant is subscribed to the microservice "${foreign.name}" of "${foreign.owner?.tenant?.id}", ` +
        `which serves /service/${contextPath}. Agents in the field connect to ` +
        `/service/${contextPath}/device/… and nothing else, so only one of the two can have that path.\n` +
        'Ask the operator of the platform, or the parent tenant, to unsubscribe it (Administration → ' +
        `Tenants → ${tenant} → Applications → ${foreign.name} → Unsubscribe, or\n` +
        `  DELETE /tenant/tenants/${tenant}/applications/${foreign.id}\n` +
        'as a user of that tenant). Endpoints stay where they are; npm run deploy -- --migrate lists ' +
        'what would carry over. If your agents are configured for another path, use --context-path.',
    );
  }
  return own;
}
