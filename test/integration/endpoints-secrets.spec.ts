import type { Endpoint } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { Emulator } from '@remote-access/emulator';
import { startMicroservice } from '@remote-access/microservice';
import { ed25519KeyPair } from '@remote-access/testkit';
import { utils } from 'ssh2';
import { GatewayEndpoints, SSH_ENDPOINT as SSH } from '../fixtures/gateway-endpoints';
import { isHostedByTurns, PASSWORD, serviceSettings } from '../fixtures/hosting';
import { basic, Stack, withoutOptionRights } from '../fixtures/stack';

const AGAIN = /^Enter the password again: the stored one is not kept (.*)$/;

const HOST_KEYS = [0, 1].map(() => ed25519KeyPair().public);
const PRIVATE_KEY = ed25519KeyPair().private;
const ENCRYPTED = ed25519KeyPair({
  passphrase: 'p',
  cipher: 'aes256-ctr',
  rounds: 16,
});
const KEY_PAIR = { ...SSH, credentialsType: 'KEY_PAIR', privateKey: PRIVATE_KEY };

let stack: Stack;
beforeAll(async () => (stack = await Stack.start({ agent: false })));
afterAll(() => stack.stop());

const endpoints = new GatewayEndpoints(() => stack);

async function storedEntry(id: string): Promise<Endpoint> {
  const entry = (await endpoints.stored()).find(one => one.id === id);
  if (!entry) throw new Error(`no entry ${id}`);
  return entry;
}

describe('a secret', () => {
  it('is sealed on the managed object and returned only as a placeholder', async () => {
    for (const [body, field] of [
      [SSH, 'password'],
      [KEY_PAIR, 'privateKey'],
    ] as const) {
      const endpoint = await endpoints.create(body);
      const sealed = (await storedEntry(endpoint.id)).credentials[field];
      expect(sealed).toMatch(/^\{cipher\}v2\./);
      const standIn = endpoint.credentials[field];
      expect(standIn).toMatch(/^\{cipher\}/);
      expect(sealed).not.toContain(standIn?.slice('{cipher}'.length));
      for (const path of [
        endpoints.list,
        `${endpoints.list}/${endpoint.id}`,
        '/inventory/managedObjects/1002',
      ]) {
        const text = await (await stack.fetch(path)).text();
        expect(text).not.toMatch(/correct horse|BEGIN OPENSSH/);
      }
    }
  });

  it.each(['absent', 'the stand-in', 'the cipher text'])('that is %s is kept', async form => {
    const { id, credentials } = await endpoints.create(SSH);
    const sealed = (await storedEntry(id)).credentials.password;
    const password = { absent: undefined, 'the stand-in': credentials.password }[form] ?? sealed;
    const sent = form === 'absent' ? undefined : password;
    const answer = await endpoints.call('PUT', `${endpoints.list}/${id}`, {
      ...SSH,
      name: 'New',
      password: sent,
    });
    expect(answer).toMatchObject({ status: 200, body: { name: 'New', credentials } });
    expect((await storedEntry(id)).credentials.password).toBe(sealed);
  });

  it('that is entered again is sealed again, even if it is the same', async () => {
    const { id, credentials } = await endpoints.create(SSH);
    const before = (await storedEntry(id)).credentials.password;
    const { body } = await endpoints.call('PUT', `${endpoints.list}/${id}`, SSH);
    expect((await storedEntry(id)).credentials.password).not.toBe(before);
    expect(body.credentials.password).not.toBe(credentials.password);
  });

  it.each([null, ''])(
    'that is %j is cleared, or refused if the secret is mandatory',
    async empty => {
      const { id } = await endpoints.create(SSH);
      for (const method of ['PUT', 'PATCH']) {
        const answer = await endpoints.call(method, `${endpoints.list}/${id}`, {
          ...SSH,
          password: empty,
        });
        expect(answer).toMatchObject({
          status: 422,
          body: { message: 'Password must be provided in USER_PASS credentials' },
        });
      }
      const none = { ...SSH, protocol: 'TELNET', credentialsType: 'NONE', password: empty };
      expect(await endpoints.call('PUT', `${endpoints.list}/${id}`, none)).toMatchObject({
        status: 200,
      });
      expect((await storedEntry(id)).credentials.password).toBeNull();
    },
  );

  it('of another endpoint is refused', async () => {
    const [one, other] = [await endpoints.create(SSH), await endpoints.create(SSH)];
    const foreign = (await storedEntry(other.id)).credentials.password;
    for (const password of [foreign, other.credentials.password, '{cipher}', '{cipher}x']) {
      const answer = await endpoints.call('PUT', `${endpoints.list}/${one.id}`, {
        ...SSH,
        password,
      });
      expect(answer).toMatchObject({
        status: 422,
        body: { message: 'Password cipher does not match' },
      });
    }
  });
});

describe('an endpoint that another program changed', () => {
  it('reports that its password can no longer be unsealed, but not its private key', async () => {
    const [password, key] = [await endpoints.create(SSH), await endpoints.create(KEY_PAIR)];
    expect(password).not.toHaveProperty('unreadable');
    const path = '/inventory/managedObjects/1002';
    const object = await stack.json<ManagedObject>(path);
    const list = object[FRAGMENTS.list] as Endpoint[];
    for (const entry of list) entry.hostname = 'elsewhere.example';
    await stack.json(path, {
      method: 'PUT',
      user: 'admin',
      body: JSON.stringify({ [FRAGMENTS.list]: list }),
    });
    const shown = await stack.json<Endpoint[]>(endpoints.list);
    const found = (id: string) => shown.find(endpoint => endpoint.id === id);
    expect(found(password.id)).toMatchObject({ unreadable: ['password'] });
    expect(found(key.id)).not.toHaveProperty('unreadable');
    const one = await stack.json(`${endpoints.list}/${password.id}`);
    expect(one).toMatchObject({ unreadable: ['password'] });
  });
});

describe('a stored password', () => {
  it.each<[string, object]>([
    ['with a new host', { hostname: 'evil.example' }],
    ['with a new port', { port: 2222 }],
    ['with a new protocol', { protocol: 'VNC' }],
    ['when the host key is replaced', { hostKey: HOST_KEYS[1] }],
    ['when the host key is replaced', { hostKey: HOST_KEYS.join('\n') }],
    ['when the host key is removed', { hostKey: null }],
    ['when weak algorithms are allowed', { legacyAlgorithms: true }],
    ['with a new host, port', { hostname: 'evil.example', port: 2222 }],
    [
      'with a new protocol, sign-in method',
      { protocol: 'VNC', credentialsType: 'PASS_ONLY', username: undefined },
    ],
    [
      'with a new port and when the host key is removed and when weak algorithms are allowed',
      { port: 2222, hostKey: null, legacyAlgorithms: true },
    ],
  ])('must be entered again %s', async (what, change) => {
    const { id, credentials } = await endpoints.create({ ...SSH, hostKey: HOST_KEYS[0] });
    for (const password of [undefined, credentials.password]) {
      const body = { ...SSH, hostKey: HOST_KEYS[0], ...change, password };
      const { status, body: refusal } = await endpoints.call(
        'PUT',
        `${endpoints.list}/${id}`,
        body,
      );
      expect(status).toBe(422);
      expect(AGAIN.exec(refusal.message)?.[1]).toBe(what);
    }
    const whole = { ...SSH, hostKey: HOST_KEYS[0], ...change };
    expect(await endpoints.call('PUT', `${endpoints.list}/${id}`, whole)).toMatchObject({
      status: 200,
    });
  });

  it('of a VNC server must be entered again when view only is disabled', async () => {
    const panel = { ...SSH, protocol: 'VNC', viewOnly: true };
    const { id } = await endpoints.create(panel);
    const kept = { viewOnly: true, shared: true };
    const path = `${endpoints.list}/${id}`;
    expect(await endpoints.call('PATCH', path, kept)).toMatchObject({ status: 200 });
    const { body } = await endpoints.call('PATCH', path, { viewOnly: null });
    expect(AGAIN.exec(body.message)?.[1]).toBe('when view only is switched off');
  });

  it('is kept with a new name, a new user, a first host key, and fewer host keys', async () => {
    const { id } = await endpoints.create(SSH);
    const hostKeys = HOST_KEYS.map(hostKey => ({ hostKey }));
    const both = { hostKey: HOST_KEYS.join('\n') };
    for (const change of [{ name: 'N' }, { username: 'u' }, both, hostKeys[1], hostKeys[1]]) {
      const answer = await endpoints.call('PUT', `${endpoints.list}/${id}`, {
        ...SSH,
        ...change,
        password: undefined,
      });
      expect(answer).toMatchObject({ status: 200 });
    }
  });
});

describe('a stored private key', () => {
  it('is kept with a new host, because it never leaves the service', async () => {
    const { id } = await endpoints.create(KEY_PAIR);
    const body = { ...KEY_PAIR, hostname: '10.0.0.6', privateKey: undefined };
    expect(await endpoints.call('PUT', `${endpoints.list}/${id}`, body)).toMatchObject({
      status: 200,
    });
  });

  it('is accepted in the formats that sessions can use', async () => {
    const pairs = [
      utils.generateKeyPairSync('rsa', { bits: 2048 }),
      utils.generateKeyPairSync('ecdsa', { bits: 256 }),
      ed25519KeyPair(),
    ];
    for (const { private: privateKey, public: publicKey } of pairs) {
      const { credentials } = await endpoints.create({ ...KEY_PAIR, privateKey, publicKey });
      expect(credentials).toMatchObject({ type: 'KEY_PAIR', publicKey });
    }
  });

  it.each([
    ['encrypted', ENCRYPTED, /^The private key is protected: enter its passphrase\.$/],
    ['cut off', { private: PRIVATE_KEY.slice(0, 200) }, /^The key is cut off/],
    ['a public key', { private: HOST_KEYS[0] }, /^This is a public key/],
    ['endless', { private: `-----BEGIN RSA PRIVATE KEY-----\n${'A\n'.repeat(30_000)}` }, /cut off/],
  ])('that is %s is refused within a second', async (_name, { private: privateKey }, message) => {
    const startedAt = performance.now();
    const answer = await endpoints.call('POST', endpoints.list, { ...KEY_PAIR, privateKey });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(answer.status).toBe(422);
    expect(answer.body.message).toMatch(message);
  });
});

describe('without key material, and without the right to make it', () => {
  const keyless = async (env: NodeJS.ProcessEnv, use: (call: Caller) => Promise<void>) => {
    const emulator = await Emulator.start({ password: PASSWORD, asHosted: isHostedByTurns() });
    withoutOptionRights(emulator);
    const microservice = await startMicroservice({
      ...serviceSettings(emulator.url),
      LOG_LEVEL: 'error',
      ...env,
    });
    try {
      await use((path, body) =>
        fetch(microservice.url + path, {
          headers: { authorization: basic('engineer'), 'content-type': 'application/json' },
          ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
        }),
      );
    } finally {
      await microservice.stop();
      await emulator.stop();
    }
  };
  type Caller = (path: string, body?: object) => Promise<Response>;
  const list = '/devices/1002/configurations';

  it('secrets are refused, endpoints without secrets are not, and health reports it', () =>
    keyless({}, async call => {
      const refused = await call(list, SSH);
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({ error: 'remoteaccess/no-key-material' });
      const telnet = { name: 'T', hostname: 'h', port: 23, protocol: 'TELNET' };
      expect((await call(list, telnet)).status).toBe(201);
      const health = await call('/health');
      expect(health.status).toBe(200);
      expect(await health.json()).toMatchObject({
        components: { keyMaterial: { status: 'DOWN', tenantsWithoutKey: 1 } },
      });
    }));

  it('of the tenant, that of the process is used', () =>
    keyless({ SEALING_PASSWORD: 'password', SEALING_SALT: 'salt' }, async call => {
      expect((await call(list, SSH)).status).toBe(201);
    }));
});
