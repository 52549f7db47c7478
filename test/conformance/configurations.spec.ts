import { randomUUID } from 'node:crypto';
import type { Endpoint } from '@remote-access/contracts';
import { Tenant } from './tenant';

// What c8ylp, go-c8y-cli and the user interfaces rely on.
let tenant: Tenant;
beforeAll(async () => (tenant = await Tenant.enter()));
afterAll(() => tenant.leave());
afterEach(() => tenant.tidy());

const telnet = (name = 'console') => ({
  name: tenant.name(name),
  hostname: '127.0.0.1',
  port: 23,
  protocol: 'TELNET',
  credentialsType: 'NONE',
});

const ssh = () => ({
  name: tenant.name('shell'),
  hostname: '127.0.0.1',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'root',
  password: 'correct horse',
});

const SSH_FIELDS = {
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'root',
  password: 'correct horse',
};

const one = (id: string): string => `${tenant.list}/${id}`;

async function stored(id: string): Promise<any> {
  const { body } = await tenant.call('GET', `/inventory/managedObjects/${tenant.device}`);
  return body.c8y_RemoteAccessList.find((entry: Endpoint) => entry.id === id);
}

describe('the list of endpoints', () => {
  it('is a bare array, with or without a page size, and answers HEAD', async () => {
    const { id } = await tenant.create(telnet());
    for (const query of ['', '?pageSize=2000']) {
      const { status, body } = await tenant.call('GET', tenant.list + query);
      expect(status).toBe(200);
      expect(body).toEqual(expect.arrayContaining([expect.objectContaining({ id })]));
    }
    expect(await tenant.call('HEAD', tenant.list)).toMatchObject({ status: 200 });
  });

  it('accepts flat bodies and returns nested ones, with null for unused fields', async () => {
    const { name, hostname, port, protocol } = telnet();
    const endpoint = await tenant.create(telnet());
    expect(endpoint).toMatchObject({ name, hostname, port, protocol });
    expect(endpoint.id).toMatch(/^[\w-]+$/);
    expect(endpoint.credentials).toEqual({
      type: 'NONE',
      username: null,
      password: null,
      privateKey: null,
      publicKey: null,
      certificate: null,
      hostKey: null,
    });
    expect((await tenant.call('GET', one(endpoint.id))).body).toEqual(endpoint);
  });

  it('is on the managed object immediately, where other programs read it', async () => {
    const { id } = await tenant.create(telnet());
    expect(await stored(id)).toMatchObject({ id, hostname: '127.0.0.1', port: 23 });
  });

  it('never reuses an id', async () => {
    const first = await tenant.create(telnet('one'));
    expect((await tenant.remove(first.id)).status).toBe(204);
    expect((await tenant.create(telnet('two'))).id).not.toBe(first.id);
  });

  it('loses nothing when endpoints are added at the same time', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `parallel ${index}`);
    const made = await Promise.all(names.map(name => tenant.create(telnet(name))));
    const { body } = await tenant.call('GET', tenant.list);
    const ids = (body as Endpoint[]).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
  });
});

describe('one endpoint', () => {
  it('is replaced as a whole by PUT', async () => {
    const { id } = await tenant.create(telnet());
    const renamed = { ...telnet('renamed'), port: 2323 };
    const answer = await tenant.call('PUT', one(id), renamed);
    expect(answer.status).toBe(200);
    const { body } = await tenant.call('GET', one(id));
    expect(body).toMatchObject({ id, name: renamed.name, port: 2323 });
  });

  it('answers 404 after DELETE', async () => {
    const { id } = await tenant.create(telnet());
    expect((await tenant.remove(id)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      expect((await tenant.call(method, one(id))).status).toBe(404);
    }
  });
});

describe('a password', () => {
  it('is never returned, and is stored sealed', async () => {
    const { id } = await tenant.create(ssh());
    expect(JSON.stringify((await tenant.call('GET', tenant.list)).body)).not.toContain('horse');
    expect(JSON.stringify(await stored(id))).not.toContain('horse');
    expect((await stored(id)).credentials.password).toMatch(/^\{cipher\}/);
  });

  it('is kept if a PUT repeats the value from GET or from the managed object', async () => {
    const { id, credentials } = await tenant.create(ssh());
    const before = (await stored(id)).credentials.password;
    for (const password of [credentials.password, before]) {
      expect((await tenant.call('PUT', one(id), { ...ssh(), password })).status).toBe(200);
      expect((await stored(id)).credentials.password).toMatch(/^\{cipher\}/);
    }
  });

  it('is not accepted as a forged cipher text', async () => {
    const { id } = await tenant.create(ssh());
    const forged = { ...ssh(), password: `{cipher}${randomUUID()}` };
    const { status, body } = await tenant.call('PUT', one(id), forged);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(JSON.stringify(body)).toContain('Password cipher does not match');
  });
});

describe('the service refuses', () => {
  it.each<[string, object]>([
    ['no name', { name: '' }],
    ['a name of 1001 characters', { name: 'n'.repeat(1_001) }],
    ['a host of 256 characters', { hostname: 'h'.repeat(256) }],
    ['port 0', { port: 0 }],
    ['port 65536', { port: 65_536 }],
    ['an unknown protocol', { protocol: 'GOPHER' }],
    ['a user of 256 characters', { ...SSH_FIELDS, username: 'u'.repeat(256) }],
    ['a password of 256 characters', { ...SSH_FIELDS, password: 'p'.repeat(256) }],
    ['no password', { ...SSH_FIELDS, password: '' }],
    ['no user', { ...SSH_FIELDS, username: '' }],
  ])('an endpoint with %s', async (_name, wrong) => {
    const { status } = await tenant.call('POST', tenant.list, { ...telnet(), ...wrong });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it.each([
    ['TELNET', 'USER_PASS'],
    ['PASSTHROUGH', 'USER_PASS'],
    ['VNC', 'KEY_PAIR'],
    ['SSH', 'PASS_ONLY'],
  ])('%s with %s, with the texts that user interfaces match', async (protocol, type) => {
    const body = { ...ssh(), protocol, credentialsType: type };
    const answer = await tenant.call('POST', tenant.list, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const words = `Protocol "${protocol}" does not support "${type}" credentials type`;
    expect((answer.body as { message: string }).message).toContain(words);
  });

  it('a key pair without a key, and a key that is not one', async () => {
    const without = { ...ssh(), credentialsType: 'KEY_PAIR', password: null };
    const { body } = await tenant.call('POST', tenant.list, without);
    expect((body as { message: string }).message).toContain(
      'Private key must be provided in KEY_PAIR credentials',
    );
    const garbage = await tenant.call('POST', tenant.list, { ...without, privateKey: 'no key' });
    expect((garbage.body as { message: string }).message).toContain(
      'Could not save object remoteAccessUpdate: Could not recognize key-pair format',
    );
  });

  it('a device that does not exist', async () => {
    const path = tenant.list.replace(tenant.device, '999999999');
    expect((await tenant.call('GET', path)).status).toBe(404);
  });
});
