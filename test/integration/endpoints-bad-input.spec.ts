import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { LIMITS } from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import {
  GatewayEndpoints,
  SSH_ENDPOINT as SSH,
  TELNET_ENDPOINT as TELNET,
} from '../fixtures/gateway-endpoints';
import { Stack } from '../fixtures/stack';

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

const endpoints = new GatewayEndpoints(() => stack);

async function auditTexts(): Promise<string[]> {
  const path = '/audit/auditRecords?source=1002&pageSize=100';
  const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(path, {
    user: 'admin',
  });
  return auditRecords.map(({ text }) => text);
}

/** The labels of a host name have at most 63 characters. */
const LONGEST_HOST = `${'h'.repeat(63)}.${'h'.repeat(63)}.${'h'.repeat(63)}.${'h'.repeat(63)}`;

describe('a field at its limit', () => {
  it.each([
    ['name', { ...TELNET, name: 'n'.repeat(LIMITS.name) }],
    ['hostname', { ...TELNET, hostname: LONGEST_HOST }],
    ['lowest port', { ...TELNET, port: LIMITS.minPort }],
    ['highest port', { ...TELNET, port: LIMITS.maxPort }],
    ['username', { ...SSH, username: 'u'.repeat(LIMITS.username) }],
    ['password', { ...SSH, password: 'p'.repeat(LIMITS.password) }],
  ])('%s is accepted and comes back whole', async (_field, body) => {
    const { credentials, ...endpoint } = await endpoints.create(body);
    const { name, hostname, port } = body;
    expect(endpoint).toMatchObject({ name, hostname, port });
    if ('username' in body) expect(credentials.username).toBe(body.username);
  });

  it.each(['hostKey', 'publicKey', 'certificate', 'privateKey'])(
    '%s is refused for its length only past the limit',
    async field => {
      const keys = { ...SSH, credentialsType: 'CERTIFICATE', privateKey: 'k', certificate: 'c' };
      const refused = async (length: number) =>
        (await endpoints.call('POST', endpoints.list, {
          ...keys,
          [field]: 'x'.repeat(length),
        })) as {
          status: number;
          body: { message: string };
        };
      const past = await refused(LIMITS.key + 1);
      expect(past.status).toBe(422);
      expect(past.body.message).toContain(`${field} must not be longer than ${LIMITS.key}`);
      expect((await refused(LIMITS.key)).body.message).not.toContain('must not be longer');
      expect(await endpoints.stored()).toEqual([]);
    },
  );
});

describe('a body with a duplicate key', () => {
  const post = (body: string) => stack.fetch(endpoints.list, { method: 'POST', body });

  it('is validated and stored with the last value', async () => {
    const good = '"name":"A","port":23,"protocol":"TELNET"';
    const taken = await post(`{"hostname":"0.0.0.0","hostname":"plc",${good}}`);
    expect(taken.status).toBe(201);
    expect((await endpoints.stored()).map(({ hostname }) => hostname)).toEqual(['plc']);
    const refused = await post(`{"hostname":"plc","hostname":"0.0.0.0",${good}}`);
    expect(refused.status).toBe(422);
    expect(await endpoints.stored()).toHaveLength(1);
  });

  it.each(['__proto__', 'constructor', 'toString'])('sets no field through %s', async key => {
    const answer = await post(`{"${key}":${JSON.stringify(TELNET)}}`);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining('name must be') });
  });
});

describe('a managed object', () => {
  it('that is not a device accepts no endpoints', async () => {
    const { id } = await stack.json<{ id: string }>('/inventory/managedObjects', {
      method: 'POST',
      user: 'admin',
      body: JSON.stringify({ name: 'A group', c8y_IsDeviceGroup: {} }),
    });
    const group = new GatewayEndpoints(() => stack, id);
    expect(await group.call('POST', group.list, TELNET)).toMatchObject({
      status: 422,
      body: { error: 'remoteaccess/not-capable' },
    });
    expect(await group.managedObject()).not.toHaveProperty(FRAGMENTS.list);
  });

  it('that is deleted during an edit is reported as missing and not recreated', async () => {
    const arrived = nextRequest('PUT', '/inventory/managedObjects/1002');
    const edit = endpoints.call('POST', endpoints.list, { ...TELNET, name: 'slow-2s' });
    await arrived;
    const gone = await stack.fetch('/inventory/managedObjects/1002', {
      method: 'DELETE',
      user: 'admin',
    });
    expect(gone.status).toBe(204);
    expect(await edit).toMatchObject({
      status: 404,
      body: { error: 'remoteaccess/device-not-found' },
    });
    expect((await endpoints.call('GET', endpoints.list)).status).toBe(404);
  });
});

describe('when the platform fails to write', () => {
  it.each([
    ['fail-500', 502, 'platform-failed'],
    ['slow-9s', 504, 'platform-timeout'],
    ['drop-connection', 502, 'platform-failed'],
  ])(
    '(%s) the failure is reported, and nothing is half written',
    async (trouble, status, code) => {
      await endpoints.create(SSH);
      const before = [await endpoints.stored(), await auditTexts()];
      const failed = { status, body: { error: `remoteaccess/${code}` } };
      const other = { ...SSH, name: trouble };
      expect(await endpoints.call('POST', endpoints.list, other)).toMatchObject(failed);
      expect(await endpoints.call('PATCH', `${endpoints.list}/1`, { name: trouble })).toMatchObject(
        failed,
      );
      expect([await endpoints.stored(), await auditTexts()]).toEqual(before);
      expect((await endpoints.create(TELNET)).id).toBe('2');
    },
    30_000,
  );
});

it('fifty simultaneous changes to one gateway all take effect', async () => {
  for (let at = 0; at < 30; at += 1) await endpoints.create({ ...TELNET, name: `Old ${at}` });
  const ids = Array.from({ length: 30 }, (_, at) => String(at + 1));
  const answers = await Promise.all([
    ...ids.slice(0, 15).map(id => endpoints.call('DELETE', `${endpoints.list}/${id}`)),
    ...ids
      .slice(15)
      .map(id => endpoints.call('PATCH', `${endpoints.list}/${id}`, { name: `New ${id}` })),
    ...Array.from({ length: 20 }, (_, at) =>
      endpoints.call('POST', endpoints.list, { ...TELNET, name: `Added ${at}` }),
    ),
  ]);
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toEqual([...fill(15, 204), ...fill(15, 200), ...fill(20, 201)]);
  const stored = await endpoints.stored();
  const names = stored.map(({ name }) => name).sort();
  const added = Array.from({ length: 20 }, (_, at) => `Added ${at}`);
  expect(names).toEqual([...added, ...ids.slice(15).map(id => `New ${id}`)].sort());
  expect(new Set(stored.map(({ id }) => id)).size).toBe(35);
}, 30_000);

function fill(count: number, value: number): number[] {
  return new Array<number>(count).fill(value);
}

/** Resolves when the next such request reaches a server of this process. */
function nextRequest(method: string, url: string): Promise<void> {
  const started = 'http.server.request.start';
  return new Promise(resolve => {
    const hear = (message: unknown): void => {
      const { request } = message as { request: IncomingMessage };
      if (request.method !== method || request.url !== url) return;
      unsubscribe(started, hear);
      resolve();
    };
    subscribe(started, hear);
  });
}
