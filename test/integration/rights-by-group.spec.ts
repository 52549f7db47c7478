import type { Endpoint } from '@remote-access/contracts';
import { tcpTarget, type TcpTarget } from '@remote-access/testkit';
import { GATEWAY, Stack } from '../fixtures/stack';

const LIST = `/service/remoteaccess/devices/${GATEWAY}/configurations`;
const BY_GROUP = ['MANAGED_OBJECT:*:READ', 'OPERATION:*:ADMIN'];

let stack: Stack;
let target: TcpTarget;
let group: string;
let outer: string;

const create = async (body: object): Promise<string> => {
  const init = { method: 'POST', user: 'admin', body: JSON.stringify(body) };
  return (await stack.json<{ id: string }>('/inventory/managedObjects', init)).id;
};

const add = (parent: string, id: string, kind = 'childAssets'): Promise<unknown> =>
  stack.json(`/inventory/managedObjects/${parent}/${kind}`, {
    method: 'POST',
    user: 'admin',
    body: JSON.stringify({ managedObject: { id } }),
  });

/** An engineer whose only rights to devices come from inventory roles. */
function grant(devicePermissions: Record<string, string[]>): void {
  const { accounts } = stack.emulator.store.tenant('t1001')!;
  const account = accounts.get('engineer')!;
  const roles = ['ROLE_REMOTE_ACCESS_ADMIN', 'ROLE_USER_MANAGEMENT_OWN_READ'];
  accounts.put({ ...account, roles, devicePermissions });
}

const configure = (device = GATEWAY): Promise<Response> =>
  stack.fetch(LIST.replace(GATEWAY, device), {
    method: 'POST',
    body: JSON.stringify({
      name: 'Echo',
      hostname: '127.0.0.1',
      port: target.port,
      protocol: 'PASSTHROUGH',
    }),
  });

beforeAll(async () => {
  [stack, target] = await Promise.all([Stack.start(), tcpTarget()]);
  const folder = { c8y_IsDeviceGroup: {}, type: 'c8y_DeviceGroup' };
  outer = await create({ ...folder, name: 'Plant' });
  group = await create({ ...folder, name: 'Hall' });
  await add(outer, group);
  await add(group, GATEWAY);
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await target.stop();
}, 15_000);

// Whether a platform repeats the rights to a group for each of its devices is not documented.
it.each([
  ['for the device itself', () => GATEWAY],
  ['for its group alone', () => group],
  ['for a group of its group', () => outer],
])('a right that the platform names %s is enough to configure and to connect', async (_, where) => {
  grant({ [where()]: BY_GROUP });
  const answer = await configure();
  expect(answer.status).toBe(201);
  const { id } = (await answer.json()) as Endpoint;
  const client = await stack.connectTerminal(id, 'engineer');
  await client.reaches('open');
  client.type('hello');
  await client.reads('hello');
  client.disconnect();
  await client.closed();
  const line = [{ deviceId: GATEWAY, id, name: 'Renamed' }];
  const report = await stack.json<{ counts: object }>(
    '/service/remoteaccess/configurations/import',
    {
      method: 'POST',
      body: JSON.stringify(line),
    },
  );
  expect(report.counts).toMatchObject({ changed: 1, refused: 0 });
  expect((await stack.fetch(`${LIST}/${id}`, { method: 'DELETE' })).status).toBe(204);
});

it('a right to a group that does not contain the device is refused, naming what is missing', async () => {
  const other = await create({ c8y_IsDeviceGroup: {}, name: 'Elsewhere' });
  grant({ [other]: BY_GROUP, [GATEWAY]: ['MANAGED_OBJECT:*:READ'] });
  const answer = await configure();
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({
    message: 'You need the permission ADMIN for "Device control".',
  });
});

it.each([
  ['only to read operations', ['MANAGED_OBJECT:*:READ', 'OPERATION:*:READ']],
  ['for operations of another kind', ['MANAGED_OBJECT:*:READ', 'OPERATION:c8y_Restart:ADMIN']],
  ['for alarms', ['MANAGED_OBJECT:*:READ', 'ALARM:*:ADMIN']],
])('a right of the group %s does not count', async (_name, permissions) => {
  grant({ [group]: permissions });
  expect((await configure()).status).toBe(403);
});

it('a device that the caller may not see is not found, whatever groups exist', async () => {
  grant({ [group]: BY_GROUP });
  expect((await configure('1002')).status).toBe(404);
  expect((await configure('987654')).status).toBe(404);
});
