import type { Emulator } from '../emulator';
import { RestClient, startEmulator, withoutDeviceRoles } from '../rest-client.fixture';

describe('the inventory', () => {
  let emulator: Emulator;
  const as = (user?: string) => new RestClient(emulator.url, user);
  const objects = '/inventory/managedObjects';
  const idsFor = async (query: string, user = 'viewer'): Promise<string[]> => {
    const { body, status } = await as(user).get(`${objects}?pageSize=100&${query}`);
    expect(status).toBe(200);
    return body.managedObjects.map((object: { id: string }) => object.id);
  };

  beforeEach(async () => {
    emulator = await startEmulator();
    withoutDeviceRoles(emulator);
  });
  afterEach(() => emulator.stop());

  it('contains the gateways of the local stack from the start', async () => {
    const { body } = await as('viewer').get(`${objects}/1001`);
    expect(body).toMatchObject({
      id: '1001',
      name: 'Factory gateway',
      owner: 'device_gw-1',
      c8y_IsDevice: {},
      com_cumulocity_model_Agent: {},
      c8y_SupportedOperations: ['c8y_RemoteAccessConnect'],
      childDevices: { references: [] },
      self: `${emulator.url}${objects}/1001`,
    });
    expect(body).not.toHaveProperty('c8y_RemoteAccessSupportedProtocols');
    expect(await idsFor('q=')).toEqual(['1001', '1002', '1003']);
    const station = await as('viewer').get(`${objects}/1003`);
    expect(station.body).not.toHaveProperty('c8y_SupportedOperations');
    expect(await idsFor('q=', 't1002/admin')).toEqual(['2001']);
  });

  it('shows each caller what they may read', async () => {
    const status = async (user: string | undefined, id: string) =>
      (await as(user).get(`${objects}/${id}`)).status;
    expect(await status(undefined, '1001')).toBe(401);
    expect(await status('viewer', '1001')).toBe(200);
    expect(await status('viewer', '2001')).toBe(404);
    expect(await status('t1002/admin', '1001')).toBe(404);
    expect(await status('device_gw-1', '1001')).toBe(200);
    expect(await status('device_gw-1', '1002')).toBe(403);
    expect(await idsFor('', 'device_gw-1')).toEqual(['1001']);
    emulator.store.tenant('t1001')!.accounts.get('viewer')!.roles = [];
    expect(await status('viewer', '1001')).toBe(403);
    expect(await idsFor('')).toEqual([]);
  });

  it('shows an object and its descendants to a user with an inventory role', async () => {
    const tenant = emulator.store.tenant('t1001')!;
    Object.assign(tenant.accounts.get('viewer')!, {
      roles: [],
      devicePermissions: { '1001': ['MANAGED_OBJECT:*:READ'] },
    });
    const { body } = await as('admin').post(`${objects}/1001/childDevices`, { name: 'Behind' });
    expect(await idsFor('')).toEqual(['1001', body.managedObject.id]);
    expect((await as('viewer').put(`${objects}/1001`, { name: 'Mine' })).status).toBe(403);
  });

  it('finds by query, fragment, type, ids, owner, text and roots', async () => {
    const group = await as('admin').post(objects, { name: 'Hall', c8y_IsDeviceGroup: {} });
    const { id } = group.body;
    await as('admin').post(`${objects}/${id}/childAssets`, { managedObject: { id: '1001' } });
    expect(await idsFor("query=$filter=(name eq 'Factory*')")).toEqual(['1001']);
    expect(await idsFor("query=(name eq 'Factory gateway') and has(c8y_IsDevice)")).toEqual([
      '1001',
    ]);
    expect(await idsFor('q=$filter= $orderby=name desc')).toEqual(['1003', '1002', '1001']);
    expect(await idsFor(`query=bygroupid(${id})`)).toEqual(['1001']);
    expect(await idsFor('fragmentType=c8y_IsDeviceGroup')).toEqual([id]);
    expect(await idsFor('fragmentType=toString')).toEqual([]);
    expect(await idsFor('type=c8y_WeatherStation')).toEqual(['1003']);
    expect(await idsFor('ids=1001,1003,2001')).toEqual(['1001', '1003']);
    expect(await idsFor('owner=device_gw-2')).toEqual(['1002']);
    expect(await idsFor('text=GATE')).toEqual(['1001', '1002']);
    expect(await idsFor('onlyRoots=true')).toEqual(['1002', '1003', id]);
    expect(await idsFor('childAssetId=1001')).toEqual([id]);
  });

  it('returns pages with links to their neighbours and, on request, the totals', async () => {
    const { body } = await as('viewer').get(
      `${objects}?q=&pageSize=2&currentPage=1&withTotalPages=true&withTotalElements=true`,
    );
    expect(body.statistics).toEqual({
      currentPage: 1,
      pageSize: 2,
      totalPages: 2,
      totalElements: 3,
    });
    expect(body.prev).toBeUndefined();
    const second = await as('viewer').get(body.next.slice(emulator.url.length));
    expect(second.body.managedObjects).toHaveLength(1);
    expect(second.body.next).toBeUndefined();
    const bare = await as('viewer').get(objects);
    expect(bare.body.statistics).toEqual({ currentPage: 1, pageSize: 5 });
    expect((await as('viewer').get(`${objects}/count`)).text).toBe('3');
  });

  it.each(['pageSize=0', 'pageSize=x', 'pageSize=2001', 'currentPage=-1', 'query=name is 5'])(
    'refuses the list with %s',
    async query => {
      expect((await as('viewer').get(`${objects}?${query}`)).status).toBe(400);
    },
  );

  it('lets administrators and owners update objects, and merges fragments', async () => {
    expect((await as('viewer').put(`${objects}/1001`, { name: 'x' })).status).toBe(403);
    expect((await as('device_gw-2').put(`${objects}/1001`, { name: 'x' })).status).toBe(403);
    expect((await as('t1002/admin').put(`${objects}/1001`, { name: 'x' })).status).toBe(404);
    await as('device_gw-1').put(`${objects}/1001`, { one: { a: 1 }, two: 2, id: '7', owner: 'x' });
    const { body } = await as('admin').put(`${objects}/1001`, { one: { b: 1 }, two: null });
    expect(body).toMatchObject({ id: '1001', owner: 'device_gw-1', name: 'Factory gateway' });
    expect(body.one).toEqual({ b: 1 });
    expect(body).not.toHaveProperty('two');
  });

  it('lets administrators and devices create objects that they then own', async () => {
    expect((await as('viewer').post(objects, { name: 'x' })).status).toBe(403);
    const byDevice = await as('device_gw-1').post(objects, { name: 'x', owner: 'admin' });
    expect(byDevice.body).toMatchObject({ owner: 'device_gw-1' });
    expect(byDevice.headers.get('location')).toBe(byDevice.body.self);
    expect((await as('admin').post(objects, { name: 7 })).status).toBe(422);
    expect((await as('admin').post(objects, '{"name":')).status).toBe(400);
    expect((await as('admin').post(objects, '["name"]')).status).toBe(400);
  });

  it('deletes an object with its external ids and additions', async () => {
    const { body } = await as('admin').post(`${objects}/1002/childAdditions`, { name: 'note' });
    expect((await as('viewer').delete(`${objects}/1002`)).status).toBe(403);
    expect((await as('admin').delete(`${objects}/1002`)).status).toBe(204);
    expect((await as('admin').get(`${objects}/1002`)).status).toBe(404);
    expect((await as('admin').get(`${objects}/${body.managedObject.id}`)).status).toBe(404);
    expect((await as('admin').get('/identity/externalIds/c8y_Serial/gw-2')).status).toBe(404);
  });

  it('keeps children and parents', async () => {
    const children = `${objects}/1001/childDevices`;
    const added = await as('admin').post(children, { managedObject: { id: '1002' } });
    expect(added.status).toBe(201);
    const list = await as('viewer').get(`${children}?pageSize=1`);
    expect(list.body.references[0].managedObject).toMatchObject({ id: '1002' });
    const child = await as('viewer').get(`${objects}/1002?withParents=true`);
    expect(child.body.deviceParents.references[0].managedObject.id).toBe('1001');
    const grouped = await as('viewer').get(`${objects}?q=&withGroups=true`);
    expect(grouped.body.managedObjects[0].assetParents.references).toEqual([]);
    const without = await as('viewer').get(`${objects}/1001?withChildren=false`);
    expect(without.body.childDevices.references).toEqual([]);
    const circle = { managedObject: { id: '1001' } };
    expect((await as('admin').post(`${objects}/1002/childDevices`, circle)).status).toBe(422);
    expect((await as('viewer').post(children, circle)).status).toBe(403);
    const unknown = { managedObject: { id: '2001' } };
    expect((await as('admin').post(children, unknown)).status).toBe(404);
    expect((await as('viewer').delete(`${children}/1002`)).status).toBe(403);
    expect((await as('admin').delete(`${children}/1002`)).status).toBe(204);
    expect((await as('viewer').get(`${children}/1002`)).status).toBe(404);
    expect((await as('admin').delete(`${children}/1002`)).status).toBe(404);
  });

  it('has no measurements', async () => {
    const { body } = await as('viewer').get(`${objects}/1001/supportedMeasurements`);
    expect(body).toEqual({ c8y_SupportedMeasurements: [] });
    expect((await as('viewer').get(`${objects}/1001/supportedSeries`)).body).toEqual({
      c8y_SupportedSeries: [],
    });
    expect((await as('device_gw-2').get(`${objects}/1001/supportedSeries`)).status).toBe(403);
  });
});
