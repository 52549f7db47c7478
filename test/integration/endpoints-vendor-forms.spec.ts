import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { ed25519KeyPair } from '@remote-access/testkit';
import { GatewayEndpoints, SSH_ENDPOINT as SSH } from '../fixtures/gateway-endpoints';
import { ROOT } from '../fixtures/archives';
import { Stack } from '../fixtures/stack';

const MODULES = join(ROOT, 'node_modules/@c8y/ngx-components/fesm2022');
const [HOST_KEY, OTHER_KEY] = [0, 1].map(() =>
  ed25519KeyPair().public.split(' ').slice(0, 2).join(' '),
) as [string, string];
const PRIVATE_KEY = ed25519KeyPair().private;

const PLACE = ['id', 'name', 'hostname', 'port', 'protocol'] as const;

/** What the vendor's forms have fields for; they send each of them, and nothing else. */
const CONTROLS = {
  VNC: [...PLACE, 'password', 'credentialsType'],
  SSH: [
    ...PLACE,
    'username',
    'password',
    'credentialsType',
    'hostKey',
    'publicKey',
    'privateKey',
    'certificate',
  ],
};

/** The body that such a form sends for an endpoint that was read with GET. */
function formOf({ credentials, ...endpoint }: Endpoint, change: object = {}): object {
  const values = { ...endpoint, ...credentials, credentialsType: credentials.type, ...change };
  const controls = CONTROLS[endpoint.protocol as keyof typeof CONTROLS];
  return Object.fromEntries(Object.entries(values).filter(([name]) => controls.includes(name)));
}

let stack: Stack;
beforeAll(async () => (stack = await Stack.start({ agent: false })));
afterAll(() => stack.stop());

const endpoints = new GatewayEndpoints(() => stack);

const read = async (id: string): Promise<Endpoint> =>
  (await endpoints.call('GET', `${endpoints.list}/${id}`)).body as Endpoint;

async function save(endpoint: Endpoint, change: object) {
  return endpoints.call('PUT', `${endpoints.list}/${endpoint.id}`, formOf(endpoint, change));
}

const VNC = { name: 'Panel', hostname: '10.0.0.5', port: 5900, protocol: 'VNC' };
const WITH_USER = { ...SSH, ...VNC, hostKey: HOST_KEY };
const KEY_PAIR = { credentialsType: 'KEY_PAIR', privateKey: PRIVATE_KEY, password: undefined };

it.each(['VNC', 'SSH'] as const)('the form for %s has the fields that these tests send', name => {
  const at = name.toLowerCase();
  const file = `c8y-ngx-components-remote-access-${at}-remote-access-${at}-endpoint-modal.mjs`;
  const code = readFileSync(join(MODULES, file), 'utf8');
  const group = /formBuilder\.group\(\{([^}]*)\}\)/.exec(code)?.[1] ?? '';
  expect([...group.matchAll(/^\s+(\w+): \[/gm)].map(([, control]) => control)).toEqual(
    CONTROLS[name],
  );
});

describe("an endpoint that is renamed in the vendor's form keeps everything else", () => {
  it.each<[string, object]>([
    ['VNC without a password', { ...VNC, hostKey: HOST_KEY, viewOnly: true }],
    ['VNC with a password', { ...WITH_USER, credentialsType: 'PASS_ONLY', username: undefined }],
    ['VNC with user and password', WITH_USER],
    ['SSH with user and password', { ...SSH, hostKey: HOST_KEY, encoding: 'latin1' }],
    ['SSH with a key pair', { ...SSH, ...KEY_PAIR, hostKey: HOST_KEY }],
  ])('%s', async (_what, body) => {
    const before = await endpoints.create(body);
    expect(before.credentials.hostKey).toBe(HOST_KEY);
    expect(await save(before, { name: 'Renamed' })).toMatchObject({ status: 200 });
    expect(await read(before.id)).toEqual({ ...before, name: 'Renamed' });
  });
});

describe('the sign-in method', () => {
  it('can be changed for VNC, and the host key stays', async () => {
    const before = await endpoints.create(WITH_USER);
    const none = await save(before, { credentialsType: 'NONE' });
    expect(none).toMatchObject({
      status: 200,
      body: { credentials: { type: 'NONE', username: null, password: null, hostKey: HOST_KEY } },
    });
    const asks = await save(none.body, { credentialsType: 'USER_PASS', password: 'again' });
    expect(asks).toMatchObject({
      status: 422,
      body: { message: 'User name must be provided in USER_PASS credentials' },
    });
  });
});

describe('null clears', () => {
  it.each([null, ''])('a host key: %j', async hostKey => {
    const body = { ...WITH_USER, credentialsType: 'NONE', username: undefined };
    const endpoint = await endpoints.create({ ...body, password: undefined });
    expect(await save({ ...endpoint }, {})).toMatchObject({
      body: { credentials: { hostKey: HOST_KEY } },
    });
    const path = `${endpoints.list}/${endpoint.id}`;
    expect(await endpoints.call('PUT', path, { ...formOf(endpoint), hostKey })).toMatchObject({
      status: 200,
      body: { credentials: { hostKey: null } },
    });
  });

  it('a username, which is refused where it is mandatory', async () => {
    const endpoint = await endpoints.create(WITH_USER);
    const path = `${endpoints.list}/${endpoint.id}`;
    const body = { ...formOf(endpoint), username: null };
    expect(await endpoints.call('PUT', path, body)).toMatchObject({ status: 422 });
  });
});

describe('security: a PUT that names neither username nor host key', () => {
  const moved = [{ hostname: 'evil.example' }, { port: 5901 }];

  it.each(moved)('asks for the password of an endpoint that moves: %j', async change => {
    const endpoint = await endpoints.create(WITH_USER);
    for (const password of [undefined, endpoint.credentials.password]) {
      expect(await save(endpoint, { ...change, password })).toMatchObject({ status: 422 });
    }
    expect(await read(endpoint.id)).toEqual(endpoint);
  });

  it.each(moved)('takes no host key to another place: %j', async change => {
    const endpoint = await endpoints.create(WITH_USER);
    expect(await save(endpoint, { ...change, password: 'new' })).toMatchObject({
      status: 200,
      body: { ...change, credentials: { username: SSH.username, hostKey: null } },
    });
  });

  it('asks for the username when a stored key is to sign in elsewhere', async () => {
    const { id } = await endpoints.create({ ...SSH, ...KEY_PAIR });
    const answer = await endpoints.call('PUT', `${endpoints.list}/${id}`, {
      ...SSH,
      ...KEY_PAIR,
      hostname: 'evil.example',
      username: undefined,
      privateKey: undefined,
    });
    expect(answer).toMatchObject({
      status: 422,
      body: { message: 'User name must be provided in KEY_PAIR credentials' },
    });
  });

  it('keeps nothing for another protocol', async () => {
    const { id } = await endpoints.create({ ...SSH, hostKey: HOST_KEY });
    const body = { ...SSH, protocol: 'VNC', credentialsType: 'PASS_ONLY', username: undefined };
    expect(await endpoints.call('PUT', `${endpoints.list}/${id}`, body)).toMatchObject({
      status: 200,
      body: { credentials: { username: null, hostKey: null } },
    });
  });

  it('takes over nothing that was written outside the service', async () => {
    const endpoint = await endpoints.create(WITH_USER);
    const stored = await endpoints.stored();
    const forged = { ...endpoint.credentials, username: 'evil', hostKey: OTHER_KEY };
    await endpoints.writeDirectly({
      [FRAGMENTS.list]: stored.map(entry =>
        entry.id === endpoint.id
          ? { ...entry, credentials: { ...entry.credentials, ...forged } }
          : entry,
      ),
    });
    expect(await save(endpoint, { credentialsType: 'NONE' })).toMatchObject({
      status: 200,
      body: { credentials: { username: null, hostKey: null } },
    });
  });
});

it('a rename is no weakening in the audit log', async () => {
  const endpoint = await endpoints.create({ ...WITH_USER, name: 'Audited' });
  await save(endpoint, { name: 'Audited again' });
  const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(
    '/audit/auditRecords?source=1002&pageSize=100',
  );
  const texts = auditRecords.map(({ text }) => text);
  expect(texts.find(text => text.includes('"Audited again"'))).toMatch(/; changed: name$/);
});
