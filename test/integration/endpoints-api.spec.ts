import type { Endpoint } from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { ed25519KeyPair } from '@remote-access/testkit';
import {
  GatewayEndpoints,
  SSH_ENDPOINT as SSH,
  TELNET_ENDPOINT as TELNET,
} from '../fixtures/gateway-endpoints';
import { Stack } from '../fixtures/stack';

interface ErrorBody {
  error: string;
  message: string;
  info: string;
}

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

const endpoints = new GatewayEndpoints(() => stack);

describe('the list of endpoints', () => {
  it('is a bare array that starts empty, with or without a page size, and answers HEAD', async () => {
    expect(await endpoints.call('GET', endpoints.list)).toEqual({ status: 200, body: [] });
    expect(await endpoints.call('GET', `${endpoints.list}?pageSize=100`)).toEqual({
      status: 200,
      body: [],
    });
    expect(await endpoints.call('HEAD', endpoints.list)).toEqual({ status: 200, body: undefined });
  });

  it('accepts a flat body and returns the nested form, with null for unused fields', async () => {
    const endpoint = await endpoints.create({ ...TELNET, username: 'ignored', attrs: { rack: 7 } });
    const nested = {
      id: '1',
      name: 'Console',
      hostname: 'plc.local',
      port: 23,
      protocol: 'TELNET',
      credentials: {
        type: 'NONE',
        username: null,
        password: null,
        privateKey: null,
        publicKey: null,
        certificate: null,
        hostKey: null,
      },
      attrs: { rack: 7 },
    };
    expect(endpoint).toEqual(nested);
    expect(await endpoints.call('GET', endpoints.list)).toEqual({ status: 200, body: [nested] });
    expect(await endpoints.call('GET', `${endpoints.list}/1`)).toEqual({
      status: 200,
      body: nested,
    });
  });

  it.each([
    { ...TELNET, protocol: 'PASSTHROUGH', credentialsType: 'NONE' },
    { ...TELNET, protocol: 'VNC', credentialsType: undefined },
    { ...TELNET, protocol: 'VNC', credentialsType: 'PASS_ONLY', password: 'p' },
    { ...TELNET, protocol: 'VNC', credentialsType: 'USER_PASS', username: 'u', password: 'p' },
    SSH,
  ])('accepts $protocol with $credentialsType', async body => {
    const { credentials, ...endpoint } = await endpoints.create(body);
    expect(endpoint).toMatchObject({ name: body.name, protocol: body.protocol });
    expect(credentials.type).toBe(body.credentialsType ?? 'NONE');
  });

  it('never reuses an id, not even that of the last endpoint', async () => {
    await endpoints.create(TELNET);
    await endpoints.create(TELNET);
    expect(await endpoints.call('DELETE', `${endpoints.list}/2`)).toEqual({
      status: 204,
      body: undefined,
    });
    expect((await endpoints.create(TELNET)).id).toBe('3');
    expect(await endpoints.managedObject()).toMatchObject({ [FRAGMENTS.listLastId]: 3 });
  });

  it('keeps every endpoint when several are added at once', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `Endpoint ${index}`);
    await Promise.all(names.map(name => endpoints.create({ ...TELNET, name })));
    const { body } = await endpoints.call('GET', endpoints.list);
    expect(new Set(body.map(({ name }: Endpoint) => name))).toEqual(new Set(names));
    expect(new Set(body.map(({ id }: Endpoint) => id)).size).toBe(names.length);
  });

  it('answers 404 for an endpoint that does not exist', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const body = method === 'PUT' || method === 'PATCH' ? TELNET : undefined;
      const answer = await endpoints.call(method, `${endpoints.list}/77`, body);
      expect(answer).toMatchObject({
        status: 404,
        body: { error: 'remoteaccess/endpoint-not-found' },
      });
    }
  });

  it('refuses devices that do not support remote access and protocols that they do not allow', async () => {
    await endpoints.writeDirectly({ [FRAGMENTS.supportedProtocols]: ['ssh', 'bogus'] });
    const notAllowed = await endpoints.call('POST', endpoints.list, TELNET);
    expect(notAllowed).toMatchObject({
      status: 422,
      body: { error: 'remoteaccess/protocol-not-allowed' },
    });
    await endpoints.create(SSH);
    await endpoints.writeDirectly({ c8y_SupportedOperations: ['c8y_Restart'] });
    const notCapable = await endpoints.call('POST', endpoints.list, SSH);
    expect(notCapable).toMatchObject({ status: 422, body: { error: 'remoteaccess/not-capable' } });
  });
});

describe('a change', () => {
  it('by PUT replaces the whole endpoint and clears absent fields', async () => {
    await endpoints.create({ ...TELNET, attrs: { rack: 7 } });
    const { status, body } = await endpoints.call('PUT', `${endpoints.list}/1`, {
      ...TELNET,
      name: 'Renamed',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: '1', name: 'Renamed' });
    expect(body).not.toHaveProperty('attrs');
  });

  it('by PATCH changes only the fields that it names', async () => {
    const before = await endpoints.create(SSH);
    const { status, body } = await endpoints.call('PATCH', `${endpoints.list}/1`, {
      name: 'Renamed',
    });
    expect({ status, body }).toEqual({ status: 200, body: { ...before, name: 'Renamed' } });
  });

  it('leaves other entries alone, and the fields of other programs once they are confirmed', async () => {
    await endpoints.create(SSH);
    const [stored] = (await endpoints.managedObject())[FRAGMENTS.list] as [Record<string, any>];
    const foreign = { id: 'x-1', name: 'Foreign', custom: [1] };
    const extended = {
      ...stored,
      colour: 'red',
      credentials: { ...stored['credentials'], since: 2020 },
    };
    await endpoints.writeDirectly({ [FRAGMENTS.list]: [foreign, extended] });
    const path = `${endpoints.list}/1`;
    const { changed } = (await endpoints.call('GET', path)).body;
    expect(changed.otherFields).toEqual(['colour', 'credentials.since']);
    const { seen } = changed;
    const { password } = SSH;
    expect(await endpoints.call('POST', `${path}/confirm`, { seen, password })).toMatchObject({
      status: 200,
    });
    const confirmed = (await endpoints.managedObject())[FRAGMENTS.list];
    expect(
      await endpoints.call('PUT', path, { ...SSH, name: 'Renamed', password: undefined }),
    ).toMatchObject({ status: 200 });
    expect((await endpoints.managedObject())[FRAGMENTS.list]).toEqual([
      foreign,
      expect.objectContaining({ ...(confirmed as object[])[1], name: 'Renamed' }),
    ]);
    expect((confirmed as object[])[1]).toMatchObject({
      colour: 'red',
      credentials: { since: 2020 },
    });
  });

  it('by PUT keeps nothing of an entry that another program changed, except the private key', async () => {
    const { private: privateKey } = ed25519KeyPair();
    await endpoints.create({ ...SSH, credentialsType: 'KEY_PAIR', privateKey });
    await endpoints.create(SSH);
    const stored = (await endpoints.managedObject())[FRAGMENTS.list] as Record<string, any>[];
    await endpoints.writeDirectly({
      [FRAGMENTS.list]: stored.map(entry => ({ ...entry, legacyAlgorithms: true, colour: 'red' })),
    });
    const keyless = { ...SSH, credentialsType: 'KEY_PAIR', password: undefined };
    expect(await endpoints.call('PUT', `${endpoints.list}/1`, keyless)).toMatchObject({
      status: 200,
    });
    const withoutPassword = { ...SSH, password: undefined };
    expect(await endpoints.call('PUT', `${endpoints.list}/2`, withoutPassword)).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/^Enter the password again/) },
    });
    expect(await endpoints.call('PUT', `${endpoints.list}/2`, SSH)).toMatchObject({ status: 200 });
    const after = (await endpoints.managedObject())[FRAGMENTS.list] as object[];
    for (const entry of after) {
      expect(entry).not.toHaveProperty('colour');
      expect(entry).not.toHaveProperty('legacyAlgorithms');
    }
    for (const shown of (await endpoints.call('GET', endpoints.list)).body) {
      expect(shown).not.toHaveProperty('changed');
      expect(shown).not.toHaveProperty('unreadable');
    }
  });
});

describe('a damaged list', () => {
  it('is shown with its damage, and its entries can be removed or repaired', async () => {
    await endpoints.writeDirectly({
      [FRAGMENTS.list]: [null, 'text', { id: '5', name: 'Half' }, { id: '5', port: -1 }],
    });
    const { body } = await endpoints.call('GET', endpoints.list);
    expect(body).toHaveLength(4);
    for (const entry of body) expect(entry.damaged.length).toBeGreaterThan(0);
    expect(new Set(body.map(({ id }: Endpoint) => id)).size).toBe(4);

    expect(await endpoints.call('DELETE', `${endpoints.list}/${body[0].id}`)).toMatchObject({
      status: 204,
    });
    expect(await endpoints.call('PUT', `${endpoints.list}/5`, TELNET)).toMatchObject({
      status: 200,
    });
    const after = await endpoints.call('GET', endpoints.list);
    expect(after.body[1]).toMatchObject({ id: '5', name: 'Console' });
    expect(after.body[1]).not.toHaveProperty('damaged');
    expect((await endpoints.create(TELNET)).id).toBe('6');
  });

  it('that is not a list at all is kept as one damaged entry', async () => {
    await endpoints.writeDirectly({ [FRAGMENTS.list]: { very: 'odd' } });
    expect((await endpoints.create(TELNET)).id).toBe('1');
    const stored = (await endpoints.managedObject())[FRAGMENTS.list];
    expect(stored).toEqual([{ very: 'odd' }, expect.objectContaining({ id: '1' })]);
  });

  it('does not show a password that was stored in clear text', async () => {
    const credentials = { type: 'USER_PASS', username: 'root', password: 'in the open' };
    const entry = { id: '1', name: 'Shell', hostname: 'h', port: 22, protocol: 'SSH', credentials };
    await endpoints.writeDirectly({ [FRAGMENTS.list]: [entry] });
    const { body } = await endpoints.call('GET', endpoints.list);
    expect(JSON.stringify(body)).not.toContain('in the open');
    expect(body[0].damaged).toContain('password is stored in clear text');
    const withoutPassword = { ...SSH, hostname: 'h', password: undefined };
    expect(await endpoints.call('PUT', `${endpoints.list}/1`, withoutPassword)).toMatchObject({
      status: 422,
    });
  });
});

describe('bad input', () => {
  const refused = async (message: string, body: object): Promise<void> => {
    const answer = await endpoints.call('POST', endpoints.list, body);
    const error = { error: 'remoteaccess/invalid-endpoint', message, info: expect.any(String) };
    expect(answer).toEqual({ status: 422, body: error });
  };

  it.each([
    ['port must be a whole number from 1 to 65535', { ...TELNET, port: 0 }],
    ['port must be a whole number from 1 to 65535', { ...TELNET, port: 65_536 }],
    ['port must be a whole number from 1 to 65535', { ...TELNET, port: -1 }],
    ['port must be a whole number from 1 to 65535', { ...TELNET, port: '23' }],
    [
      'hostname must not contain line breaks or control characters',
      { ...TELNET, hostname: 'a\r\nb' },
    ],
    ['hostname is the unspecified address', { ...TELNET, hostname: '0.0.0.0' }],
    ['hostname is not a host name or an IP address', { ...TELNET, hostname: 'not a host' }],
    ['hostname must not be longer than 255 characters', { ...TELNET, hostname: 'h'.repeat(256) }],
    ['name must not be longer than 1000 characters', { ...TELNET, name: 'n'.repeat(1001) }],
    ['name must be given', { ...TELNET, name: undefined }],
    ['name must be given', { ...TELNET, name: ' ' }],
    ['name must be text', { ...TELNET, name: 7 }],
    ['attrs must be an object', { ...TELNET, attrs: [] }],
    ['username must not be longer than 255 characters', { ...SSH, username: 'u'.repeat(256) }],
    ['password must not be longer than 255 characters', { ...SSH, password: 'p'.repeat(256) }],
    ['Password must be provided in USER_PASS credentials', { ...SSH, password: '' }],
    ['User name must be provided in USER_PASS credentials', { ...SSH, username: null }],
    [
      'Private key must be provided in KEY_PAIR credentials',
      { ...SSH, credentialsType: 'KEY_PAIR' },
    ],
    [
      'Could not save object remoteAccessUpdate: Could not recognize key-pair format',
      { ...SSH, credentialsType: 'KEY_PAIR', privateKey: 'no key' },
    ],
    [
      'Could not save object remoteAccessUpdate: Could not recognize host-key format',
      { ...SSH, hostKey: 'no key' },
    ],
    [
      'Protocol "SSH" does not support "NONE" credentials type',
      { ...SSH, credentialsType: 'NONE' },
    ],
    [
      'Protocol "TELNET" does not support "USER_PASS" credentials type',
      { ...TELNET, credentialsType: 'USER_PASS' },
    ],
    ['Password cipher does not match', { ...SSH, password: '{cipher}forged' }],
    [
      'Private key cipher does not match',
      { ...SSH, credentialsType: 'KEY_PAIR', privateKey: '{cipher}forged' },
    ],
    ['protocol must be one of VNC, SSH, TELNET, PASSTHROUGH', { ...TELNET, protocol: 'GOPHER' }],
  ])('is refused with a clear message, %#: %s', refused);

  it('gets one response that lists every problem of the body', async () => {
    const { body } = await endpoints.call('POST', endpoints.list, { ...TELNET, name: '', port: 0 });
    expect(body.message).toBe('name must be given; port must be a whole number from 1 to 65535');
  });

  it.each([
    ['garbage', '{"name":', 'application/json', 400, 'malformed-request'],
    ['not an object', '[]', 'application/json', 400, 'malformed-request'],
    ['empty', '', 'application/json', 422, 'invalid-endpoint'],
    ['a form', 'name=x', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['ten megabytes', `"${'x'.repeat(10_000_000)}"`, 'application/json', 413, 'payload-too-large'],
  ])('that is %s is refused', async (_name, body, contentType, status, code) => {
    const headers = { 'content-type': contentType };
    const response = await stack.fetch(endpoints.list, { method: 'POST', body, headers });
    const answer = (await response.json()) as ErrorBody;
    expect({ status: response.status, error: answer.error }).toEqual({
      status,
      error: `remoteaccess/${code}`,
    });
    expect(answer.message).not.toMatch(/JSON\.parse|Unexpected|position/);
  });
});

describe('the audit log', () => {
  it('records who added, changed and removed an endpoint, and names secrets without their values', async () => {
    await endpoints.create(SSH);
    await endpoints.call('PUT', `${endpoints.list}/1`, {
      ...SSH,
      name: 'Renamed',
      password: 'battery staple',
    });
    await endpoints.call('DELETE', `${endpoints.list}/1`);
    const { auditRecords } = await stack.json<{ auditRecords: any[] }>(
      '/audit/auditRecords?source=1002&type=Inventory&pageSize=100',
      { user: 'admin' },
    );
    const ours = auditRecords.filter(({ activity }) =>
      activity.startsWith('Remote access endpoint'),
    );
    expect(ours.map(({ text }) => text).sort()).toEqual([
      'Endpoint "Renamed" (SSH 10.0.0.5:22) removed',
      'Endpoint "Renamed" (SSH 10.0.0.5:22, USER_PASS) changed; changed: name, password; secrets set: password',
      'Endpoint "Shell" (SSH 10.0.0.5:22, USER_PASS) added; secrets set: password',
    ]);
    for (const record of ours) expect(record.user).toBe('engineer');
    expect(JSON.stringify(auditRecords)).not.toMatch(/correct horse|battery staple/);
  });
});

describe('what a body omits', () => {
  const key = ed25519KeyPair();

  it.each([
    ['a password', { username: 'root', password: 'x' }, 'USER_PASS'],
    ['a private key', { username: 'root', privateKey: key.private }, 'KEY_PAIR'],
  ])('is derived for an SSH server on the gateway: %s', async (_name, given, type) => {
    const created = await endpoints.call('POST', endpoints.list, { protocol: 'SSH', ...given });
    expect(created).toMatchObject({
      status: 201,
      body: { name: 'SSH', hostname: '127.0.0.1', port: 22, credentials: { type } },
    });
  });

  it.each([
    [{ username: 'root' }, 'username with password (USER_PASS) or privateKey (KEY_PAIR)'],
    [{ password: 'x' }, 'username with password (USER_PASS)'],
    [{ privateKey: key.private }, 'User name must be provided'],
  ])('is named where it cannot be derived: %j', async (given, words) => {
    const refused = (await endpoints.call('POST', endpoints.list, {
      protocol: 'SSH',
      ...given,
    })) as {
      status: number;
      body: { message: string };
    };
    expect(refused.status).toBe(422);
    expect(refused.body.message).toContain(words);
  });

  it('is derived from the password of a VNC server', async () => {
    const vnc = { name: 'Panel', hostname: 'h', port: 5900, protocol: 'VNC' };
    for (const [given, type] of [
      [{}, 'NONE'],
      [{ password: 'x' }, 'PASS_ONLY'],
      [{ username: 'u', password: 'x' }, 'USER_PASS'],
    ] as const) {
      const { body } = await endpoints.call('POST', endpoints.list, { ...vnc, ...given });
      expect(body).toMatchObject({ credentials: { type } });
    }
  });
});
