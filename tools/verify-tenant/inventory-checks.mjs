import { agrees, describe, judge, notAllowed, notChecked } from './verdict.mjs';

const OPENAPI = 'OpenAPI of the platform';

/** Enough to find a gateway without reading the whole inventory. */
const DEVICES = '/inventory/managedObjects?fragmentType=c8y_IsDevice&pageSize=100';

/** @type {import('./verdict.mjs').Check[]} */
export const INVENTORY_CHECKS = [
  {
    name: 'device-owner',
    source: OPENAPI,
    expected: 'a device names the user that owns it',
    async look(tenant) {
      const answer = await tenant.call('GET', DEVICES);
      const devices = answer.json?.managedObjects ?? [];
      const refused = notAllowed(answer);
      if (refused) return refused;
      if (devices.length === 0) return notChecked('there is no device that this user may read');
      const owned = devices.filter((/** @type {any} */ { owner }) => typeof owner === 'string');
      const own = owned.filter((/** @type {any} */ { owner }) => owner.startsWith('device_'));
      return judge(
        owned.length > 0,
        `${owned.length} of ${devices.length} have an owner, of ${own.length} it is device_…`,
      );
    },
  },
  {
    name: 'supported-operations',
    source: 'thin-edge.io',
    expected: 'gateways list c8y_RemoteAccessConnect in c8y_SupportedOperations',
    async look(tenant) {
      const gateway = await findGateway(tenant);
      return gateway ? agrees('found one') : notChecked('there is no gateway');
    },
  },
  {
    name: 'parents-of-a-device',
    source: OPENAPI,
    expected: 'GET with withParents=true has deviceParents.references, an array',
    async look(tenant) {
      const { json } = await tenant.call('GET', DEVICES);
      const [device] = json?.managedObjects ?? [];
      if (!device) return notChecked('there is no device that this user may read');
      const path = `/inventory/managedObjects/${device.id}?withParents=true&withChildren=false`;
      const answer = await tenant.call('GET', path);
      const references = answer.json?.deviceParents?.references;
      return judge(
        Array.isArray(references),
        `${answer.status}, ${Array.isArray(references) ? `${references.length} parents` : 'no array'}`,
      );
    },
  },
  {
    name: 'unknown-object',
    source: OPENAPI,
    expected: 'an unknown managed object gets 404 with error and message',
    async look(tenant) {
      const answer = await tenant.call('GET', '/inventory/managedObjects/999999999999999');
      const { error, message } = answer.json ?? {};
      return (
        notAllowed(answer) ??
        judge(answer.status === 404 && Boolean(error) && Boolean(message), describe(answer))
      );
    },
  },
  {
    name: 'operations-of-a-device',
    source: 'thin-edge.io and our agent',
    expected: 'operations are filtered by deviceId and status, newest first with revert',
    async look(tenant) {
      const device = (await findGateway(tenant))?.id;
      if (!device) return notChecked('there is no gateway');
      const range = 'dateFrom=1970-01-01T00:00:00Z&revert=true&pageSize=5';
      const path = `/devicecontrol/operations?deviceId=${device}&status=SUCCESSFUL&${range}`;
      const answer = await tenant.call('GET', path);
      const found = answer.json?.operations;
      if (!Array.isArray(found)) return notAllowed(answer) ?? judge(false, describe(answer));
      const times = found.map(({ creationTime }) => Date.parse(creationTime));
      return judge(
        found.every(one => one.deviceId === device && one.status === 'SUCCESSFUL') &&
          times.every((time, at) => at === 0 || time <= (times[at - 1] ?? 0)),
        `${found.length} operations`,
      );
    },
  },
  {
    name: 'audit-records-of-a-source',
    source: OPENAPI,
    expected: 'audit records are filtered by source',
    async look(tenant) {
      const device = (await findGateway(tenant))?.id;
      if (!device) return notChecked('there is no gateway');
      const path = `/audit/auditRecords?source=${device}&pageSize=5`;
      const answer = await tenant.call('GET', path);
      const found = answer.json?.auditRecords;
      if (!Array.isArray(found)) return notAllowed(answer) ?? judge(false, describe(answer));
      return judge(
        found.every(({ source }) => source?.id === device),
        `${found.length} records`,
      );
    },
  },
  {
    name: 'options-of-the-category',
    source: OPENAPI,
    expected: 'the category is a map of texts; credentials.* is <<Encrypted>> to people',
    async look(tenant) {
      const answer = await tenant.call('GET', '/tenant/options/remoteaccess');
      if (answer.status !== 200) return notAllowed(answer) ?? judge(false, describe(answer));
      const options = Object.entries(answer.json ?? {});
      const isClear = options.some(
        ([key, value]) => key.startsWith('credentials.') && value !== '<<Encrypted>>',
      );
      return judge(
        options.every(([, value]) => typeof value === 'string') && !isClear,
        `${options.length} options, encrypted ones ${isClear ? 'readable' : 'hidden or none'}`,
      );
    },
  },
  {
    name: 'unknown-option',
    source: OPENAPI,
    expected: 'an option that is not set gets 404',
    async look(tenant) {
      const answer = await tenant.call('GET', '/tenant/options/remoteaccess/never-set');
      return notAllowed(answer) ?? judge(answer.status === 404, describe(answer));
    },
  },
];

/** @param {import('./tenant.mjs').Tenant} tenant */
async function findGateway(tenant) {
  const { json } = await tenant.call('GET', DEVICES);
  const gateway = (json?.managedObjects ?? []).find((/** @type {any} */ device) =>
    device.c8y_SupportedOperations?.includes('c8y_RemoteAccessConnect'),
  );
  tenant.redaction.hideName('gateway', gateway?.id);
  return gateway;
}
