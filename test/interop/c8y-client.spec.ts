import { BasicAuth, Client, MicroserviceClientRequestAuth, type IManagedObject } from '@c8y/client';
import { Emulator } from '@remote-access/emulator';

// Loads ES modules, which Jest cannot; c8y-client-realtime.spec.ts runs it in a separate process.
jest.mock('isomorphic-cometd', () => ({ CometD: Object }));

const PASSWORD = 'remote-access';
const CREDENTIALS = { tenant: 't1001', user: 'admin', password: PASSWORD };

// The client that the platform's own user interface uses, in Node.
describe.each([
  ['the local platform', false],
  ['the local platform with required roles', true],
])('@c8y/client against %s', (_name, asHosted) => {
  let emulator: Emulator;
  let client: Client;

  beforeAll(async () => {
    emulator = await Emulator.start({ password: PASSWORD, asHosted });
    client = await Client.authenticate(CREDENTIALS, emulator.url);
  });
  afterAll(() => emulator.stop());

  const device = async (): Promise<IManagedObject> => {
    const { data } = await client.inventory.create({
      name: 'From @c8y/client',
      c8y_IsDevice: {},
      com_cumulocity_model_Agent: {},
    });
    return data;
  };

  describe('signs in', () => {
    it('with Basic, and learns the tenant', async () => {
      const auth = new BasicAuth(CREDENTIALS);
      const other = new Client(auth, emulator.url);
      const { data } = await other.user.current();
      expect(data.id).toBe('admin');
      expect(client.core.tenant).toBe('t1001');
    });

    it('with OAI-Secure for a token', async () => {
      const other = await Client.authenticateViaOAuthInternal(CREDENTIALS, emulator.url);
      const { data } = await other.user.currentWithEffectiveRoles();
      expect(data.effectiveRoles?.map(({ id }) => id)).toContain('ROLE_INVENTORY_READ');
    });

    it('as a microservice does, where the cookie takes precedence over the placeholder header', async () => {
      const response = await Client.loginViaOAuthInternal(CREDENTIALS, false, emulator.url);
      const set = (response as unknown as Response).headers.get('set-cookie') ?? '';
      const [cookie = '', xsrf = ''] = ['authorization', 'XSRF-TOKEN'].map(
        name => new RegExp(`${name}=([^;]+)`).exec(set)?.[1],
      );
      const auth = new MicroserviceClientRequestAuth({
        cookie: `authorization=${cookie}; XSRF-TOKEN=${xsrf}`,
        'x-xsrf-token': xsrf,
        authorization: `Basic ${Buffer.from('t1001/admin:stand-in').toString('base64')}`,
      });
      const { data } = await new Client(auth, emulator.url).user.current();
      expect(data.id).toBe('admin');
    });

    it('not with a wrong password', async () => {
      const wrong = { ...CREDENTIALS, password: 'wrong' };
      await expect(Client.authenticate(wrong, emulator.url)).rejects.toMatchObject({
        res: { status: 401 },
      });
    });

    it('as the bootstrap user of the microservice, and lists the subscriptions', async () => {
      const bootstrap = {
        tenant: 'management',
        user: 'servicebootstrap_cloud-remote-access',
        password: PASSWORD,
      };
      const subscriptions = await Client.getMicroserviceSubscriptions(bootstrap, emulator.url);
      expect(subscriptions.map(({ tenant }) => tenant)).toEqual(['t1001', 't1002']);
    });
  });

  it('reads login options and the tenant', async () => {
    const { data } = await client.options.login.list();
    expect(data.map(({ type }) => type)).toContain('OAUTH2_INTERNAL');
    expect((await client.tenant.current()).data.name).toBe('t1001');
  });

  it('creates, finds, changes and deletes managed objects', async () => {
    const created = await device();
    const detail = await client.inventory.detail(created.id);
    expect(detail.data.owner).toBe('admin');
    await client.inventory.update({ id: created.id, c8y_Notes: 'changed' });
    const filter = { query: "$filter=(name eq 'From @c8y/client')", withTotalPages: true };
    const found = await client.inventory.list(filter);
    expect(found.data.map(({ id }) => id)).toContain(created.id);
    expect(found.paging?.totalPages).toBe(1);
    await client.inventory.delete(created.id);
    await expect(client.inventory.detail(created.id)).rejects.toMatchObject({
      res: { status: 404 },
    });
  });

  it('links child devices, and reads the parents', async () => {
    const [parent, child] = [await device(), await device()];
    await client.inventory.childDevicesAdd(child.id, parent.id);
    const { data } = await client.inventory.detail(child.id, { withParents: true });
    const parents = data.deviceParents.references as { managedObject: { id: string } }[];
    expect(parents.map(({ managedObject }) => managedObject.id)).toEqual([parent.id]);
    expect((await client.inventory.childDevicesList(parent.id)).data).toHaveLength(1);
  });

  it('manages external ids', async () => {
    const { id } = await device();
    const identity = { type: 'c8y_Serial', externalId: `of-${id}` };
    await client.identity.create({ ...identity, managedObject: { id } });
    const { data } = await client.identity.detail(identity);
    expect(data.managedObject?.id).toBe(id);
    expect((await client.identity.list(id)).data).toHaveLength(1);
    await client.identity.delete(identity);
    expect((await client.identity.list(id)).data).toEqual([]);
  });

  it('creates operations, follows and ends them', async () => {
    const { id: deviceId } = await device();
    const { data } = await client.operation.create({ deviceId, c8y_Restart: {} });
    expect(data.status).toBe('PENDING');
    await client.operation.update({ id: data.id, status: 'EXECUTING' } as never);
    await client.operation.update({ id: data.id, status: 'SUCCESSFUL' } as never);
    const list = await client.operation.list({ deviceId, status: 'SUCCESSFUL' });
    expect(list.data.map(({ id }) => id)).toEqual([data.id]);
  });

  it('writes and reads audit records', async () => {
    const { id } = await device();
    const { data } = await client.audit.create({
      type: 'Inventory',
      activity: 'Tested',
      text: 'By @c8y/client',
      time: new Date().toISOString(),
      severity: 'INFORMATION',
      source: { id },
    } as never);
    expect((await client.audit.detail(data.id!)).data.activity).toBe('Tested');
    const filter = { source: id, type: 'Inventory' };
    expect((await client.audit.list(filter)).data.map(one => one.id)).toEqual([data.id]);
  });

  it('sets, lists and removes options', async () => {
    const option = { category: 'fromclient', key: 'a', value: '1' };
    await client.options.tenant.create(option);
    await client.options.tenant.update({ ...option, value: '2' });
    expect((await client.options.tenant.detail(option)).data.value).toBe('2');
    const { data } = await client.options.tenant.list({ pageSize: 1000 });
    expect(data).toContainEqual(expect.objectContaining({ ...option, value: '2' }));
    await client.options.tenant.delete(option);
    await expect(client.options.tenant.detail(option)).rejects.toMatchObject({
      res: { status: 404 },
    });
  });

  it('lists users', async () => {
    const { data } = await client.user.list({ pageSize: 100 });
    expect(data.map(({ id }) => id)).toContain('operator');
    const { data: viewer } = await client.user.detail('viewer');
    expect(viewer.enabled).toBe(true);
  });

  it('lists applications', async () => {
    const { data } = await client.application.listByName('cloud-remote-access');
    expect(data).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['user groups', () => client.userGroup.list()],
    ['inventory roles', () => client.inventoryRole.list()],
    ['measurements', () => client.measurement.list()],
    ['new users', () => client.user.create({ userName: 'new', email: 'new@example.com' } as never)],
    ['bulk operations', () => client.operationBulk.list()],
  ])('is told with 501 that %s are not emulated', async (_what, call) => {
    await expect(call()).rejects.toMatchObject({ res: { status: 501 } });
  });
});
