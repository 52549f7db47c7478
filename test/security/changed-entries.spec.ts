import { once } from 'node:events';
import type { Endpoint, EndpointBody } from '@remote-access/contracts';
import { FRAGMENTS, type Operation } from '@remote-access/contracts/platform';
import {
  ed25519KeyPair,
  type HostileSshServer,
  startHostileSshServer,
  waitUntil,
} from '@remote-access/testkit';
import type { WebSocket } from 'ws';
import { GatewayEndpoints, SSH_ENDPOINT } from '../fixtures/gateway-endpoints';
import { Stack } from '../fixtures/stack';

/**
 * The gateway's own user owns the managed object, so it can rewrite every field of an endpoint. The
 * server here accepts any sign-in and records the attempts: with a changed entry there must be
 * none.
 */
const OWNER = 'device_gw-1';

const OTHER_KEY = line(ed25519KeyPair().public);
const PRIVATE_KEY = ed25519KeyPair().private;

let stack: Stack;
let server: HostileSshServer;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  stack = await Stack.start();
  server = await startHostileSshServer('channel that never closes');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  await stack.stop();
  await server.stop();
});

const endpoints = new GatewayEndpoints(() => stack, '1001', OWNER);
const other = new GatewayEndpoints(() => stack, '1002', 'device_gw-2');

type Raw = Record<string, any>;

const password = (change: object = {}): object => ({
  ...SSH_ENDPOINT,
  hostname: '127.0.0.1',
  port: server.port,
  hostKey: server.hostKey,
  ...change,
});

const keyPair = (change: object = {}): object => ({
  ...password({ password: undefined }),
  credentialsType: 'KEY_PAIR',
  privateKey: PRIVATE_KEY,
  ...change,
});

const vnc = (change: Partial<EndpointBody> = {}): object => ({
  name: 'Panel',
  hostname: '127.0.0.1',
  port: server.port,
  protocol: 'VNC',
  viewOnly: true,
  ...change,
});

const pin = (entry: Raw, hostKey: string | null): Raw => ({
  ...entry,
  credentials: { ...entry['credentials'], hostKey },
});

function line(publicKey: string): string {
  return publicKey.split(' ').slice(0, 2).join(' ');
}

async function operations(): Promise<number> {
  const path = '/devicecontrol/operations?deviceId=1001&pageSize=1000';
  return (await stack.json<{ operations: Operation[] }>(path)).operations.length;
}

/** Connects, and waits until the session has got as far as it can. */
async function connect(id: string): Promise<string> {
  const attempts = server.attempts.length;
  const opened = await stack.connectRaw(id).catch((refusal: unknown) => (refusal as Error).message);
  if (typeof opened === 'string') return opened;
  sockets.push(opened);
  await Promise.race([
    once(opened, 'close'),
    waitUntil('a sign-in attempt', () =>
      server.attempts.slice(attempts).some(method => method !== 'none'),
    ),
  ]);
  return 'connected';
}

async function staysAway(id: string): Promise<void> {
  const attempts = server.attempts.length;
  const before = await operations();
  expect(await connect(id)).toBe('Unexpected server response: 409');
  const ticket = await endpoints.call('POST', `${stack.clientPath(id)}/tickets`, {}, 'operator');
  expect(ticket).toMatchObject({
    status: 409,
    body: { error: 'remoteaccess/endpoint-unconfirmed' },
  });
  expect(server.attempts).toHaveLength(attempts);
  expect(await operations()).toBe(before);
}

async function rewrite(id: string, change: (entry: Raw) => Raw): Promise<void> {
  const list = (await endpoints.stored()) as unknown as Raw[];
  await endpoints.writeDirectly({
    [FRAGMENTS.list]: list.map(entry => (entry['id'] === id ? change(entry) : entry)),
  });
}

const viewOf = (id: string): Promise<Endpoint & { changed?: { seen: string } }> =>
  stack.json(`${endpoints.list}/${id}`);

it('an entry that nobody rewrote is connected to', async () => {
  const { id } = await endpoints.create(password());
  expect(await connect(id)).toBe('connected');
  expect(server.attempts.at(-1)).toBe('password');
});

describe('an entry whose', () => {
  it.each<[string, () => object, (entry: Raw) => Raw]>([
    [
      'pin was replaced',
      () => password({ hostKey: OTHER_KEY }),
      entry => pin(entry, server.hostKey),
    ],
    ['pin was removed', () => password({ hostKey: OTHER_KEY }), entry => pin(entry, null)],
    [
      'user name was changed',
      () => password(),
      entry => ({ ...entry, credentials: { ...entry['credentials'], username: 'admin' } }),
    ],
    [
      'weak algorithms were allowed',
      () => password(),
      entry => ({ ...entry, legacyAlgorithms: true }),
    ],
    [
      'port was changed, with a key pair',
      () => keyPair({ port: 22 }),
      entry => ({ ...entry, port: server.port }),
    ],
    [
      'pin was replaced, with a key pair',
      () => keyPair({ hostKey: OTHER_KEY }),
      entry => pin(entry, server.hostKey),
    ],
    ['view only was switched off', () => vnc(), entry => ({ ...entry, viewOnly: false })],
    ['unknown field appeared', () => password(), entry => ({ ...entry, relay: 'evil.example' })],
    [
      'unknown credential appeared',
      () => password(),
      entry => ({ ...entry, credentials: { ...entry['credentials'], relay: 'evil.example' } }),
    ],
    ['mac was removed', () => password(), ({ mac: _mac, ...entry }) => entry],
    [
      'mac was changed',
      () => password(),
      entry => ({ ...entry, mac: `${String(entry['mac']).slice(0, -2)}AA` }),
    ],
    ['mac has another type', () => password(), entry => ({ ...entry, mac: [entry['mac']] })],
    [
      'fields nest without end',
      () => password(),
      entry => ({ ...entry, deep: JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`) }),
    ],
  ])('%s is not connected to, and says so', async (what, body, change) => {
    const { id } = await endpoints.create(body());
    expect(await viewOf(id)).not.toHaveProperty('changed');
    await rewrite(id, change);
    if (what.includes('nest')) {
      expect(await connect(id)).toBe('Unexpected server response: 404');
      expect(await endpoints.call('GET', endpoints.list)).toMatchObject({ status: 200 });
      await endpoints.writeDirectly({ [FRAGMENTS.list]: [] });
      return;
    }
    await staysAway(id);
    expect(await viewOf(id)).toMatchObject({ changed: { seen: expect.any(String) } });
  });

  it('name and attributes were changed is connected to', async () => {
    const { id } = await endpoints.create(password());
    await rewrite(id, entry => ({ ...entry, name: 'Renamed', attrs: { rack: 7 } }));
    expect(await viewOf(id)).not.toHaveProperty('changed');
    expect(await connect(id)).toBe('connected');
  });

  it('null fields the platform dropped and whose order it changed is connected to', async () => {
    const { id } = await endpoints.create(password());
    await rewrite(id, entry => {
      const present = ([, value]: [string, unknown]): boolean => value !== null;
      const credentials = Object.entries(entry['credentials']).filter(present).reverse();
      const fields = Object.entries({ ...entry, credentials: Object.fromEntries(credentials) });
      return Object.fromEntries(fields.reverse());
    });
    expect(await viewOf(id)).not.toHaveProperty('changed');
    expect(await connect(id)).toBe('connected');
  });
});

describe('a signed entry', () => {
  it('of another endpoint, in its place or under its id, is not connected to', async () => {
    const [one, two] = [
      await endpoints.create(password()),
      await endpoints.create(password({ username: 'guest' })),
    ];
    const list = (await endpoints.stored()) as unknown as Raw[];
    const swapped = list.map(entry => {
      if (entry['id'] === one.id) return { ...entry, id: two.id };
      return entry['id'] === two.id ? { ...entry, id: one.id } : entry;
    });
    await endpoints.writeDirectly({ [FRAGMENTS.list]: swapped });
    await staysAway(one.id);
    await staysAway(two.id);
    const macs = list.filter(entry => [one.id, two.id].includes(entry['id']));
    const exchanged = list.map(entry => {
      if (entry['id'] === one.id) return { ...entry, mac: macs[1]!['mac'] };
      return entry['id'] === two.id ? { ...entry, mac: macs[0]!['mac'] } : entry;
    });
    await endpoints.writeDirectly({ [FRAGMENTS.list]: exchanged });
    await staysAway(one.id);
    await staysAway(two.id);
  });

  it('of another device is not connected to', async () => {
    await other.create(password());
    const stored = await other.stored();
    const foreign = { ...stored.at(-1)!, id: '77' };
    await endpoints.writeDirectly({ [FRAGMENTS.list]: [foreign] });
    await staysAway('77');
    await endpoints.writeDirectly({ [FRAGMENTS.list]: stored });
    await staysAway(stored[0]!.id);
  });

  it('of a removed endpoint leads nowhere once the list is emptied', async () => {
    const { id } = await endpoints.create(password());
    await endpoints.writeDirectly({ [FRAGMENTS.list]: [] });
    expect(await connect(id)).toBe('Unexpected server response: 404');
    expect(Number((await endpoints.create(password())).id)).toBeGreaterThan(Number(id));
  });
});

describe('an entry that a script added', () => {
  it('is not connected to before a user confirms it', async () => {
    const id = '501';
    const entry = {
      id,
      name: 'Scripted',
      hostname: '127.0.0.1',
      port: server.port,
      protocol: 'SSH',
      credentials: { type: 'NONE' },
    };
    await endpoints.writeDirectly({
      [FRAGMENTS.list]: [{ ...entry, protocol: 'PASSTHROUGH' }],
    });
    await staysAway(id);
    const { changed } = await viewOf(id);
    const path = `${endpoints.list}/${id}/confirm`;
    expect(await endpoints.call('POST', path, { seen: changed!.seen }, 'operator')).toMatchObject({
      status: 403,
    });
    expect(await endpoints.call('POST', path, { seen: changed!.seen })).toMatchObject({
      status: 200,
    });
    expect(await viewOf(id)).not.toHaveProperty('changed');
    const ticket = `${stack.clientPath(id)}/tickets`;
    expect(await endpoints.call('POST', ticket, {}, 'operator')).toMatchObject({ status: 201 });
  });

  it('with a sealed text copied from elsewhere never unseals it', async () => {
    const { id } = await endpoints.create(password({ hostKey: OTHER_KEY }));
    await rewrite(id, ({ mac: _mac, ...entry }) => pin(entry, server.hostKey));
    const { changed } = await viewOf(id);
    const answer = await endpoints.call('POST', `${endpoints.list}/${id}/confirm`, {
      seen: changed!.seen,
    });
    expect(answer).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/^Enter the password again/) },
    });
    await staysAway(id);
  });
});

describe('through the API, a pinned password is not kept', () => {
  const AGAIN = /^Enter the password again: the stored one is not kept when /;

  it('if the pinned key is removed first and another one is set afterwards', async () => {
    const { id } = await endpoints.create(password({ hostKey: OTHER_KEY }));
    const removed = await endpoints.call('PATCH', `${endpoints.list}/${id}`, { hostKey: null });
    expect(removed).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(AGAIN) },
    });
    await endpoints.call('PATCH', `${endpoints.list}/${id}`, { hostKey: server.hostKey });
    expect(await connect(id)).toBe('connected');
    expect((await viewOf(id)).credentials.hostKey).toBe(OTHER_KEY);
  });

  it.each<[string, object, object]>([
    ['pin is removed', {}, { hostKey: '' }],
    ['weak algorithms are allowed', {}, { legacyAlgorithms: true }],
  ])('if by a line of an import the %s', async (_what, body, change) => {
    const { id } = await endpoints.create(password({ hostKey: OTHER_KEY, ...body }));
    const before = await endpoints.stored();
    const { body: report } = await endpoints.call(
      'POST',
      '/service/remoteaccess/configurations/import',
      [{ deviceId: '1001', id, ...change }],
    );
    expect(report.lines).toMatchObject([
      { outcome: 'refused', message: expect.stringMatching(AGAIN) },
    ]);
    expect(await endpoints.stored()).toEqual(before);
  });
});
