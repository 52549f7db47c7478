import type { Emulator } from '../emulator';
import { RestClient, startEmulator } from '../rest-client.fixture';

describe('tenant options', () => {
  let emulator: Emulator;
  const as = (user?: string, password?: string) => new RestClient(emulator.url, user, password);
  const service = (tenant = 't1001') => {
    const id = 'service_cloud-remote-access';
    const { password } = emulator.store.tenant(tenant)!.accounts.get(id)!;
    return as(`${tenant}/${id}`, password);
  };
  const secretPath = '/tenant/options/remoteaccess/credentials.remoteaccess.encryption.password';

  beforeEach(async () => {
    emulator = await startEmulator();
    for (const tenant of ['t1001', 't1002']) {
      await as(`${tenant}/admin`).put(secretPath, { value: `${tenant}-`.padEnd(32, 'secret') });
    }
  });
  afterEach(() => emulator.stop());

  it.each([
    [undefined, 401],
    ['engineer', 403],
    ['device_gw-1', 403],
    ['admin', 200],
  ])('are read by %s with %i', async (user, status) => {
    expect((await as(user).get('/tenant/options/remoteaccess')).status).toBe(status);
    expect((await as(user).get(secretPath)).status).toBe(status);
    expect((await as(user).get('/tenant/options')).status).toBe(status);
  });

  it('show secrets in plain text only to the owning microservice', async () => {
    const seen = (await service().get(secretPath)).body.value;
    expect(seen).toMatch(/^[\w-]{32}$/);
    expect((await as('admin').get(secretPath)).body.value).toBe('<<Encrypted>>');
    for (const path of ['/tenant/options/remoteaccess', '/tenant/options?pageSize=100']) {
      expect((await as('admin').get(path)).text).not.toContain(seen);
    }
    const map = await service().get('/tenant/options/remoteaccess');
    expect(map.body['credentials.remoteaccess.encryption.password']).toBe(seen);
    const settings = await service().get('/application/currentApplication/settings');
    expect(settings.body).toEqual(map.body);
    const other = (await service('t1002').get(secretPath)).body.value;
    expect(other).not.toBe(seen);
  });

  it('hide the secrets of another category from a microservice', async () => {
    await as('admin').put('/tenant/options/mail/credentials.password', { value: 'hunter2' });
    const reply = await service().get('/tenant/options/mail/credentials.password');
    expect(reply.body.value).toBe('<<Encrypted>>');
  });

  it('keep a secret if the mask is written', async () => {
    const before = (await service().get(secretPath)).body.value;
    await as('admin').put(secretPath, { value: '<<Encrypted>>' });
    expect((await service().get(secretPath)).body.value).toBe(before);
    await as('admin').put(secretPath, { value: 'new' });
    expect((await service().get(secretPath)).body.value).toBe('new');
  });

  it('are written one by one or as a map, and deleted, by callers with the role', async () => {
    const path = '/tenant/options/remoteaccess/hostkey-autosave';
    const option = { category: 'remoteaccess', key: 'hostkey-autosave', value: 'true' };
    for (const user of ['engineer', 'device_gw-1']) {
      expect((await as(user).put(path, { value: 'true' })).status).toBe(403);
      expect((await as(user).post('/tenant/options', option)).status).toBe(403);
      expect((await as(user).put('/tenant/options/remoteaccess', {})).status).toBe(403);
      expect((await as(user).delete(path)).status).toBe(403);
    }
    // The microservice may write its own options, as its manifest requests.
    expect((await service().put(path, { value: 'true' })).status).toBe(200);
    expect((await service().delete(path)).status).toBe(204);
    expect((await as('admin').get(path)).status).toBe(404);
    expect((await as('admin').post('/tenant/options', option)).status).toBe(201);
    expect((await as('t1002/admin').get(path)).status).toBe(404);
    await as('admin').put('/tenant/options/remoteaccess', { 'hostkey-autosave': 'false' });
    expect((await as('admin').get(path)).body).toMatchObject({ ...option, value: 'false' });
    expect((await as('admin').delete(path)).status).toBe(204);
    expect((await as('admin').delete(path)).status).toBe(404);
  });

  it('refuse values that are not strings', async () => {
    const admin = as('admin');
    expect((await admin.put('/tenant/options/a/b', { value: 5 })).status).toBe(422);
    expect((await admin.put('/tenant/options/a', { b: 5 })).status).toBe(422);
    expect((await admin.post('/tenant/options', { category: 'a', key: 'b' })).status).toBe(422);
    expect((await admin.post('/tenant/options', { value: 'a' })).status).toBe(422);
  });

  it('let every user read the settings of the user interface', async () => {
    const path = '/tenant/options/configuration/system.support.url?evaluate=current';
    expect((await as('viewer').get(path)).status).toBe(404);
    expect((await as().get(path)).status).toBe(401);
  });
});
