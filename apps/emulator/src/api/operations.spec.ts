import type { Emulator } from '../emulator';
import { RestClient, startEmulator, withoutDeviceRoles } from '../rest-client.fixture';

describe('operations', () => {
  let emulator: Emulator;
  const as = (user?: string) => new RestClient(emulator.url, user);
  const connect = {
    description: 'Connect to remote access server',
    c8y_RemoteAccessConnect: { hostname: '127.0.0.1', port: 22, connectionKey: 'k' },
  };
  const create = async (deviceId = '1001', user = 'operator'): Promise<string> => {
    const reply = await as(user).post('/devicecontrol/operations', { deviceId, ...connect });
    expect(reply.status).toBe(201);
    return reply.body.id;
  };

  beforeEach(async () => {
    emulator = await startEmulator();
    withoutDeviceRoles(emulator);
  });
  afterEach(() => emulator.stop());

  it('creates a pending operation for a caller who may control devices', async () => {
    const { status, body, headers } = await as('operator').post('/devicecontrol/operations', {
      deviceId: '1001',
      ...connect,
      status: 'SUCCESSFUL',
      id: '1',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      deviceId: '1001',
      deviceName: 'Factory gateway',
      status: 'PENDING',
      ...connect,
    });
    expect(body.id).not.toBe('1');
    expect(headers.get('location')).toBe(body.self);
  });

  it.each([
    [undefined, 401],
    ['viewer', 403],
    ['device_gw-2', 403],
    ['t1002/admin', 404],
    ['t1002/device_gw-t2', 403],
  ])('refuses %s to create one with %i', async (user, status) => {
    const reply = await as(user).post('/devicecontrol/operations', { deviceId: '1001' });
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error: expect.any(String), message: expect.any(String) });
  });

  it('accepts a permission on one device instead of the global role', async () => {
    const viewer = emulator.store.tenant('t1001')!.accounts.get('viewer')!;
    viewer.devicePermissions['1001'] = ['OPERATION:*:ADMIN'];
    const first = await as('viewer').post('/devicecontrol/operations', { deviceId: '1001' });
    const second = await as('viewer').post('/devicecontrol/operations', { deviceId: '1002' });
    expect([first.status, second.status]).toEqual([201, 403]);
  });

  it.each([
    [{}, 422],
    [{ deviceId: 1001 }, 422],
    [{ deviceId: '1001', description: 7 }, 422],
    [{ deviceId: '4711' }, 404],
  ])('refuses the body %j with %i', async (body, status) => {
    expect((await as('operator').post('/devicecontrol/operations', body)).status).toBe(status);
  });

  it('refuses an object that is not a device', async () => {
    const group = await as('admin').post('/inventory/managedObjects', { name: 'Group' });
    const reply = await as('operator').post('/devicecontrol/operations', {
      deviceId: group.body.id,
    });
    expect(reply.status).toBe(422);
  });

  it('can be read only by its device and by users with the role', async () => {
    const path = `/devicecontrol/operations/${await create()}`;
    const statuses = async (...users: string[]) =>
      Promise.all(users.map(async user => (await as(user).get(path)).status));
    expect(
      await statuses('device_gw-1', 'operator', 'device_gw-2', 'viewer', 't1002/admin'),
    ).toEqual([200, 200, 403, 403, 404]);
  });

  it('lets the agent of a gateway serve the devices behind it', async () => {
    const child = await as('admin').post('/inventory/managedObjects/1001/childDevices', {
      name: 'Behind',
      c8y_IsDevice: {},
    });
    const id = await create(child.body.managedObject.id);
    const agent = as('device_gw-1');
    const list = await agent.get('/devicecontrol/operations?agentId=1001&status=PENDING');
    expect(list.body.operations.map((one: { id: string }) => one.id)).toEqual([id]);
    const put = await agent.put(`/devicecontrol/operations/${id}`, { status: 'EXECUTING' });
    expect(put.status).toBe(200);
    expect((await as('device_gw-2').get(`/devicecontrol/operations/${id}`)).status).toBe(403);
  });

  it('goes from pending through executing to a final status', async () => {
    const path = `/devicecontrol/operations/${await create()}`;
    const device = as('device_gw-1');
    expect((await device.put(path, { status: 'EXECUTING' })).body.status).toBe('EXECUTING');
    expect((await device.put(path, { status: 'PENDING' })).status).toBe(422);
    const failed = await device.put(path, { status: 'FAILED', failureReason: 'refused' });
    expect(failed.body).toMatchObject({ status: 'FAILED', failureReason: 'refused' });
    for (const status of ['SUCCESSFUL', 'EXECUTING', 'PENDING', 'FAILED']) {
      expect((await device.put(path, { status })).status).toBe(422);
    }
    expect((await device.get(path)).body.status).toBe('FAILED');
  });

  it('refuses an unknown status, and a change without the right', async () => {
    const path = `/devicecontrol/operations/${await create()}`;
    expect((await as('device_gw-1').put(path, { status: 'DONE' })).status).toBe(422);
    expect((await as('device_gw-2').put(path, { status: 'FAILED' })).status).toBe(403);
    expect((await as('viewer').put(path, { status: 'FAILED' })).status).toBe(403);
    expect((await as('t1002/admin').put(path, { status: 'FAILED' })).status).toBe(404);
    expect((await as().put(path, { status: 'FAILED' })).status).toBe(401);
  });

  it('lists by device, status, fragment and time, in both orders and in pages', async () => {
    const ids = [await create(), await create(), await create('1002')];
    await as('device_gw-1').put(`/devicecontrol/operations/${ids[0]}`, { status: 'EXECUTING' });
    const list = async (query: string, user = 'operator'): Promise<string[]> => {
      const { body } = await as(user).get(`/devicecontrol/operations?${query}`);
      return body.operations.map((one: { id: string }) => one.id);
    };
    expect(await list('')).toEqual(ids);
    expect(await list('revert=true&dateFrom=1970-01-01T00:00:00.000Z')).toEqual(
      ids.slice().reverse(),
    );
    expect(await list('deviceId=1001&status=PENDING')).toEqual([ids[1]]);
    expect(await list('fragmentType=c8y_RemoteAccessConnect&deviceId=1002')).toEqual([ids[2]]);
    expect(await list('fragmentType=c8y_Command')).toEqual([]);
    expect(await list('fragmentType=toString')).toEqual([]);
    expect(await list('dateTo=2000-01-01T00:00:00Z')).toEqual([]);
    expect(await list('pageSize=2&currentPage=2')).toEqual([ids[2]]);
    expect(await list('', 'device_gw-2')).toEqual([ids[2]]);
    expect(await list('', 't1002/admin')).toEqual([]);
  });

  it('lists nothing for a caller without any right', async () => {
    expect((await as('viewer').get('/devicecontrol/operations')).status).toBe(403);
    expect((await as('viewer').get('/devicecontrol/operations?deviceId=1001')).status).toBe(403);
    const foreign = await as('t1002/admin').get('/devicecontrol/operations?deviceId=1001');
    expect(foreign.status).toBe(404);
  });
});
