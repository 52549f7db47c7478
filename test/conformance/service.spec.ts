import { Tenant } from './tenant';

let tenant: Tenant;
beforeAll(async () => (tenant = await Tenant.enter()));
afterAll(() => tenant.leave());

const HEALTH = '/service/remoteaccess/health';

it('reports its health by GET and by HEAD, as the user interfaces request it', async () => {
  const { status, body } = await tenant.call('GET', HEALTH);
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: 'UP' });
  expect((await tenant.call('HEAD', HEALTH)).status).toBe(200);
});

it('generates key pairs whose halves match, and accepts them', async () => {
  const path = '/service/remoteaccess/keypair/generate';
  const { status, body: pair } = await tenant.call('POST', path, { hostname: '127.0.0.1' });
  expect(status).toBe(200);
  expect(pair.publicKey).toMatch(/^(ssh|ecdsa)-\S+ [\w+/=]+/);
  expect(pair.privateKey).toContain('PRIVATE KEY-----');
  const endpoint = await tenant.create({
    name: tenant.name('key pair'),
    hostname: '127.0.0.1',
    port: 22,
    protocol: 'SSH',
    credentialsType: 'KEY_PAIR',
    username: 'root',
    ...pair,
  });
  expect(endpoint.credentials.publicKey?.split(' ')[1]).toBe(pair.publicKey.split(' ')[1]);
  expect(JSON.stringify(endpoint)).not.toContain('PRIVATE KEY');
});

it('records who added an endpoint, with the gateway as the source', async () => {
  const name = tenant.name('audited');
  await tenant.create({ name, hostname: '127.0.0.1', port: 23, protocol: 'TELNET' });
  const path = `/audit/auditRecords?source=${tenant.device}&type=Inventory&pageSize=100`;
  const { body } = await tenant.call('GET', path);
  const record = body.auditRecords.find(({ text }: { text: string }) => text.includes(name));
  expect(record).toMatchObject({ type: 'Inventory', source: { id: tenant.device } });
  expect(record.user).toEqual(expect.any(String));
});
