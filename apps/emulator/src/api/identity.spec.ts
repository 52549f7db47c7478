import type { Emulator } from '../emulator';
import { RestClient, startEmulator, withoutDeviceRoles } from '../rest-client.fixture';

describe('external ids', () => {
  let emulator: Emulator;
  const as = (user?: string) => new RestClient(emulator.url, user);

  beforeEach(async () => {
    emulator = await startEmulator();
    withoutDeviceRoles(emulator);
  });
  afterEach(() => emulator.stop());

  it.each([
    ['engineer', 200],
    ['device_gw-1', 200],
    ['device_gw-2', 403],
    ['t1002/admin', 404],
    [undefined, 401],
  ])('answer the lookup of a serial number by %s with %i', async (user, status) => {
    const reply = await as(user).get('/identity/externalIds/c8y_Serial/gw-1');
    expect(reply.status).toBe(status);
    if (status === 200) expect(reply.body.managedObject.id).toBe('1001');
  });

  it('are listed for an object', async () => {
    const { body } = await as('engineer').get('/identity/globalIds/1001/externalIds');
    expect(body.externalIds).toMatchObject([{ type: 'c8y_Serial', externalId: 'gw-1' }]);
    const foreign = await as('t1002/admin').get('/identity/globalIds/1001/externalIds');
    expect(foreign.status).toBe(404);
    const other = await as('device_gw-2').get('/identity/globalIds/1001/externalIds');
    expect(other.status).toBe(403);
  });

  it('are added by owners, each only once, and removed', async () => {
    const path = '/identity/globalIds/1001/externalIds';
    const name = { type: 'c8y_Imei', externalId: 'a/b c' };
    expect((await as('viewer').post(path, name)).status).toBe(403);
    expect((await as('device_gw-1').post(path, { type: 'c8y_Imei' })).status).toBe(422);
    const created = await as('device_gw-1').post(path, name);
    expect(created.status).toBe(201);
    expect((await as('device_gw-1').post(path, name)).status).toBe(409);
    const self = created.body.self.slice(emulator.url.length);
    expect((await as('engineer').get(self)).body).toMatchObject(name);
    expect((await as('viewer').delete(self)).status).toBe(403);
    expect((await as('device_gw-1').delete(self)).status).toBe(204);
    expect((await as('engineer').get(self)).status).toBe(404);
  });
});
