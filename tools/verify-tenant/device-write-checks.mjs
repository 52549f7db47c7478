import { randomUUID } from 'node:crypto';
import { agrees, describe, isOfService, judge, notAllowed, notChecked } from './verdict.mjs';

const OPENAPI = 'OpenAPI of the platform';

const CLIENT_API = 'documentation of the platform, Cloud Remote Access API: client implementation';

/** @type {import('./verdict.mjs').WriteCheck[]} */
export const DEVICE_WRITE_CHECKS = [
  {
    name: 'owner-of-a-new-device',
    source: OPENAPI,
    expected: 'the user that creates a device owns it',
    async look(tenant, { deviceId }) {
      const { json } = await tenant.call('GET', `/inventory/managedObjects/${deviceId}`);
      const user = await tenant.call('GET', '/user/currentUser');
      return judge(json?.owner === user.json?.id, json?.owner ? 'an owner' : 'no owner');
    },
  },
  {
    name: 'parents-of-a-child-device',
    source: OPENAPI,
    expected: 'withParents=true names the parent of a child device',
    async look(tenant, own) {
      const body = { name: `${own.serial} child`, c8y_IsDevice: {} };
      const created = await tenant.call('POST', '/inventory/managedObjects', { body });
      const id = created.json?.id;
      if (!id) return notAllowed(created) ?? judge(false, describe(created));
      own.remember(`/inventory/managedObjects/${id}`);
      tenant.redaction.hideName('child device', id);
      const list = `/inventory/managedObjects/${own.deviceId}/childDevices`;
      const added = await tenant.call('POST', list, { body: { managedObject: { id } } });
      const path = `/inventory/managedObjects/${id}?withParents=true&withChildren=false`;
      const { json } = await tenant.call('GET', path);
      const parents = (json?.deviceParents?.references ?? []).map(
        (/** @type {any} */ one) => one.managedObject?.id,
      );
      return judge(
        parents.length === 1 && parents[0] === own.deviceId,
        `added ${added.status}, ${parents.length} parents`,
      );
    },
  },
  {
    name: 'change-of-an-object',
    source: OPENAPI,
    expected: 'PUT keeps fragments that it does not name and removes those that are null',
    async look(tenant, { deviceId }) {
      const path = `/inventory/managedObjects/${deviceId}`;
      await tenant.call('PUT', path, { body: { c8y_One: { value: 1 }, c8y_Two: { value: 2 } } });
      const answer = await tenant.call('PUT', path, { body: { c8y_One: null } });
      const { json } = await tenant.call('GET', path);
      const isKept = json?.c8y_Two?.value === 2;
      const isRemoved = json?.c8y_One === undefined || json.c8y_One === null;
      return judge(
        isKept && isRemoved,
        `${answer.status}, other ${isKept ? 'kept' : 'lost'}, null ${isRemoved ? 'removed' : 'kept'}`,
      );
    },
  },
  {
    name: 'external-id',
    source: OPENAPI,
    expected: 'an external id is found by type and value; a second one is refused with 409',
    async look(tenant, { deviceId, serial }) {
      const path = `/identity/globalIds/${deviceId}/externalIds`;
      const body = { type: 'c8y_Serial', externalId: serial };
      const created = await tenant.call('POST', path, { body });
      const again = await tenant.call('POST', path, { body });
      const { json } = await tenant.call('GET', `/identity/externalIds/c8y_Serial/${serial}`);
      return (
        notAllowed(created) ??
        judge(
          created.status === 201 && again.status === 409 && json?.managedObject?.id === deviceId,
          `${created.status}, again ${again.status}`,
        )
      );
    },
  },
  {
    name: 'operation-from-pending-to-failed',
    source: 'thin-edge.io and our agent',
    expected: 'PENDING, EXECUTING, FAILED with a failureReason, each by PUT; the fragment is kept',
    async look(tenant, own) {
      const created = await createOperation(tenant, own);
      const id = created.json?.id;
      if (!id) return notAllowed(created) ?? judge(false, describe(created));
      const path = `/devicecontrol/operations/${id}`;
      const executing = await tenant.call('PUT', path, { body: { status: 'EXECUTING' } });
      const failure = { status: 'FAILED', failureReason: 'verify-tenant' };
      const failed = await tenant.call('PUT', path, { body: failure });
      const { json } = await tenant.call('GET', path);
      return judge(
        created.json.status === 'PENDING' &&
          json?.status === 'FAILED' &&
          json.failureReason === 'verify-tenant' &&
          json.c8y_RemoteAccessConnect?.hostname === '127.0.0.1',
        `${created.status}, ${executing.status}, ${failed.status}, then ${json?.status}`,
      );
    },
  },
  {
    name: 'operation-that-has-ended',
    source: 'not verified: the documentation has agents set EXECUTING before the end',
    expected: 'PENDING may end without EXECUTING; an ended operation cannot be changed',
    async look(tenant, own) {
      const created = await createOperation(tenant, own);
      const id = created.json?.id;
      if (!id) return notAllowed(created) ?? judge(false, describe(created));
      const path = `/devicecontrol/operations/${id}`;
      const ended = await tenant.call('PUT', path, { body: { status: 'SUCCESSFUL' } });
      const late = await tenant.call('PUT', path, { body: { status: 'EXECUTING' } });
      return judge(
        ended.status === 200 && late.status >= 400,
        `ended ${ended.status}, changed later ${late.status}`,
      );
    },
  },
  {
    name: 'audit-of-an-operation',
    source: 'documentation of the platform, auditing',
    expected: 'the platform records operations with the operation as source',
    async look(tenant, own) {
      const { json } = await createOperation(tenant, own);
      if (!json?.id) return notChecked('this user may not create operations');
      const answer = await tenant.call('GET', `/audit/auditRecords?source=${json.id}`);
      await tenant.call('PUT', `/devicecontrol/operations/${json.id}`, {
        body: { status: 'FAILED', failureReason: 'verify-tenant' },
      });
      const found = answer.json?.auditRecords?.length ?? 0;
      return notAllowed(answer) ?? judge(found > 0, `${found} records`);
    },
  },
  ...sessionChecks(),
];

/**
 * A session needs an endpoint. Its gateway has no agent, so a connection never gets further than
 * 101.
 */
function sessionChecks() {
  /**
   * @param {string} name
   * @param {string} source
   * @param {string} expected
   * @param {(tenant: import('./tenant.mjs').Tenant, path: string) => Promise<import('./verdict.mjs').Finding>} open
   * @returns {import('./verdict.mjs').WriteCheck}
   */
  const check = (name, source, expected, open) => ({
    name,
    source,
    expected,
    async look(tenant, { deviceId }) {
      const list = `/service/remoteaccess/devices/${deviceId}/configurations`;
      const body = { name, hostname: '127.0.0.1', port: 9, protocol: 'PASSTHROUGH' };
      const created = await tenant.call('POST', list, { body });
      const id = created.json?.id;
      if (!id) return notAllowed(created) ?? notChecked(`no endpoint: ${describe(created)}`);
      return open(tenant, `/service/remoteaccess/client/${deviceId}/configurations/${id}`);
    },
  });
  return [
    check(
      'session-with-header',
      CLIENT_API,
      'a WebSocket with credentials opens',
      async (tenant, path) => {
        const as = tenant.signIn === 'cookie' && tenant.accessToken ? 'bearer' : tenant.signIn;
        if (as === 'cookie') return notChecked('neither Basic nor a token is accepted');
        const answer = await tenant.upgrade(path, { as });
        return judge(answer.status === 101, describe(answer));
      },
    ),
    check(
      'session-with-cookie',
      '@c8y/ngx-components',
      'a WebSocket with a cookie opens',
      async (tenant, path) => {
        if (!tenant.cookie) return notChecked('there is no cookie sign-in');
        const answer = await tenant.upgrade(path, { as: 'cookie' });
        return judge(answer.status === 101, describe(answer));
      },
    ),
    check(
      'session-with-ticket-only',
      'not verified',
      'a ticket is enough',
      async (tenant, path) => {
        const { json } = await tenant.call('POST', `${path}/tickets`);
        if (!json?.ticket) return notChecked('the service gave no ticket');
        tenant.redaction.hideSecret('ticket', json.ticket);
        const answer = await tenant.upgrade(`${path}?ticket=${json.ticket}`, { as: 'none' });
        return isOfService(answer)
          ? judge(answer.status === 101, describe(answer))
          : judge(false, `the ingress refuses: ${describe(answer)}`);
      },
    ),
  ];
}

/** @type {import('./verdict.mjs').WriteCheck[]} */
export const AUDIT_WRITE_CHECKS = [
  {
    name: 'audit-record-with-device',
    source: 'reference guide, audit records: the source is a managed object, the user is given',
    expected: 'a record with a managed object as source and a user of its own is accepted as it is',
    async look(tenant, { deviceId }) {
      const answer = await audit(tenant, { source: { id: deviceId }, user: 'verify-tenant' });
      const { user, source } = answer.json ?? {};
      return (
        notAllowed(answer) ??
        judge(
          answer.status === 201 && user === 'verify-tenant' && source?.id === deviceId,
          `${answer.status}, user ${user === 'verify-tenant' ? 'kept' : 'replaced'}`,
        )
      );
    },
  },
  ...[
    {
      name: 'audit-record-without-source',
      publicSource: 'reference guide, audit records: the source is optional',
      source: undefined,
    },
    {
      name: 'audit-record-with-unknown-source',
      publicSource: 'not verified',
      source: { id: '999999999999999' },
    },
  ].map(({ name, publicSource, source }) => ({
    name,
    source: publicSource,
    expected: 'either answer: the microservice always names a managed object or an operation',
    /** @param {import('./tenant.mjs').Tenant} tenant */
    async look(tenant) {
      const answer = await audit(tenant, source ? { source } : {});
      return notAllowed(answer) ?? agrees(describe(answer));
    },
  })),
];

/**
 * @param {import('./tenant.mjs').Tenant} tenant
 * @param {object} fields
 */
function audit(tenant, fields) {
  return tenant.call('POST', '/audit/auditRecords', {
    body: {
      type: 'Inventory',
      activity: 'verify-tenant',
      text: 'A check whether audit records can be written',
      time: new Date().toISOString(),
      ...fields,
    },
  });
}

/**
 * @param {import('./tenant.mjs').Tenant} tenant
 * @param {import('./test-objects.mjs').TestObjects} own
 */
async function createOperation(tenant, { deviceId }) {
  const connect = { hostname: '127.0.0.1', port: 9, connectionKey: randomUUID() };
  const answer = await tenant.call('POST', '/devicecontrol/operations', {
    body: { deviceId, description: 'verify-tenant', c8y_RemoteAccessConnect: connect },
  });
  tenant.redaction.hideName('operation', answer.json?.id);
  return answer;
}
