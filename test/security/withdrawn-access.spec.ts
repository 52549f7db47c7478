import type { Endpoint, EndedMessage, RunningSession } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { waitUntil } from '@remote-access/testkit';
import { RawDevice, type Received } from '../fixtures/raw-device';
import { Stack } from '../fixtures/stack';
import { TerminalClient } from '../fixtures/terminal-client';

const SERVICE = '/service/remoteaccess';
const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

let stack: Stack;
let device: RawDevice;
let endpoint: Endpoint;

beforeEach(async () => {
  stack = await Stack.start({ agent: false, env: { SESSION_REVIEW_SECONDS: '1' } });
  device = new RawDevice(stack);
  endpoint = await stack.addEndpoint(BODY, DEVICE);
});
afterEach(() => stack.stop(), 15_000);

interface Running {
  readonly client: TerminalClient;
  readonly far: Received;
  readonly operationId: string;
}

async function session(user = 'operator'): Promise<Running> {
  const path = stack.clientPath(endpoint.id, DEVICE);
  const { ticket } = await stack.json<any>(`${path}/tickets`, { method: 'POST', user });
  const client = await TerminalClient.open(`${stack.webSocketUrl(path)}?ticket=${ticket}`);
  const { received, operation } = await device.serve();
  await client.reaches('open');
  return { client, far: received, operationId: operation.id };
}

const asAdmin = async (method: string, path: string, body?: object): Promise<void> => {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await stack.fetch(path, { method, user: 'admin', ...sent });
  expect(response.ok).toBe(true);
};

/** Waits until both ends are closed and the audit log has the reason. */
async function ends({ client, far, operationId }: Running, code: string): Promise<EndedMessage> {
  await client.closed();
  await far.closed();
  const ended = client.messages.find(({ type }) => type === 'ended') as EndedMessage;
  expect(ended.code).toBe(code);
  await waitUntil('the reason in the audit', async () => {
    const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(
      `/audit/auditRecords?source=${operationId}&pageSize=100`,
      { user: 'admin' },
    );
    return auditRecords.some(({ text }) => text.includes(`(${code}: ${ended.text}`));
  });
  return ended;
}

async function list(change: (endpoints: Endpoint[]) => unknown[]): Promise<void> {
  const path = `/inventory/managedObjects/${DEVICE}`;
  const object = await stack.json<ManagedObject>(path, { user: 'admin' });
  await asAdmin('PUT', path, { [FRAGMENTS.list]: change(object[FRAGMENTS.list] as Endpoint[]) });
}

const configuration = (): string => `${SERVICE}/devices/${DEVICE}/configurations/${endpoint.id}`;
const OPERATOR = '/user/t1001/users/operator';

describe('a session ends within seconds when', () => {
  it.each<[string, string, () => Promise<void>]>([
    [
      'its user loses the role',
      'access-withdrawn',
      () => asAdmin('DELETE', `${OPERATOR}/roles/ROLE_REMOTE_ACCESS_READ`),
    ],
    [
      'its user is disabled',
      'access-withdrawn',
      () => asAdmin('PUT', OPERATOR, { enabled: false }),
    ],
    ['its user is deleted', 'access-withdrawn', () => asAdmin('DELETE', OPERATOR)],
    [
      'its user can no longer see the device',
      'device-not-found',
      () => asAdmin('DELETE', `${OPERATOR}/roles/ROLE_INVENTORY_READ`),
    ],
    [
      'the device is deleted',
      'device-not-found',
      () => asAdmin('DELETE', `/inventory/managedObjects/${DEVICE}`),
    ],
    ['the endpoint is removed', 'endpoint-not-found', () => asAdmin('DELETE', configuration())],
    [
      'the endpoint is removed without going through the service',
      'endpoint-not-found',
      () => list(() => []),
    ],
    [
      'the address of the endpoint changes',
      'endpoint-changed',
      () => asAdmin('PUT', configuration(), { ...BODY, hostname: '10.0.0.6' }),
    ],
    [
      'the address of the endpoint changes without going through the service',
      'endpoint-unconfirmed',
      () => list(all => all.map(one => ({ ...one, port: 503 }))),
    ],
    [
      'any other field of the endpoint changes without going through the service',
      'endpoint-unconfirmed',
      () => list(all => all.map(one => ({ ...one, theirs: 1 }))),
    ],
    [
      'the endpoint loses its authentication code',
      'endpoint-unconfirmed',
      () => list(all => all.map(one => ({ ...one, mac: undefined }))),
    ],
    [
      'the gateway no longer allows the protocol',
      'protocol-not-allowed',
      () =>
        asAdmin('PUT', `/inventory/managedObjects/${DEVICE}`, {
          [FRAGMENTS.supportedProtocols]: ['SSH'],
        }),
    ],
    [
      'remote access is switched off',
      'remote-access-off',
      () =>
        asAdmin('PUT', `${SERVICE}/settings`, {
          enabled: false,
          hostKeyAutosave: false,
          operationTimeoutSeconds: 30,
          idleTimeoutMs: 3_600_000,
          maxDurationSeconds: 0,
          notice: null,
        }),
    ],
  ])('%s', async (_when, code, happen) => {
    const running = await session();
    await happen();
    await ends(running, code);
  });

  it('the tenant is no longer subscribed', async () => {
    const running = await session();
    stack.emulator.store.tenant('t1001')!.accounts.delete('service_cloud-remote-access');
    // The service checks every ten seconds.
    await running.client.closed(20_000);
    await running.far.closed();
    expect(running.client.messages.at(-1)).toMatchObject({ type: 'ended', by: 'platform' });
  }, 20_000);
});

it('a session survives the renaming of its endpoint, while another session ends', async () => {
  const stays = await session();
  const { id } = endpoint;
  for (const port of [503, 504]) {
    endpoint = await stack.addEndpoint({ ...BODY, name: `Leads to ${port}` }, DEVICE);
    const goes = await session();
    // A single write changes both, so both sessions are reviewed.
    await list(all =>
      all.map(one => {
        if (one.id === id) return { ...one, name: `Renamed ${port}` };
        return one.id === endpoint.id ? { ...one, port } : one;
      }),
    );
    await ends(goes, 'endpoint-unconfirmed');
  }
  stays.client.type('still here');
  expect((await stays.far.has(10)).toString()).toBe('still here');
  stays.client.disconnect();
  await stays.client.closed();
});

describe('running sessions', () => {
  const SESSIONS = `${SERVICE}/devices/${DEVICE}/sessions`;
  const sessions = (user: string): Promise<RunningSession[]> => stack.json(SESSIONS, { user });

  it('are visible to users who can configure the gateway; others see only their own', async () => {
    const one = await session('operator');
    const other = await session('engineer');
    one.client.type('12345');
    await one.far.has(5);
    const all = await sessions('engineer');
    expect(all).toEqual([
      expect.objectContaining({
        user: 'operator',
        endpointName: 'Plc',
        protocol: 'PASSTHROUGH',
        state: 'open',
        operationId: one.operationId,
        bytesFromClient: 5,
        bytesToClient: 0,
      }),
      expect.objectContaining({ user: 'engineer' }),
    ]);
    expect(await sessions('operator')).toEqual([all[0]]);
    expect(await stack.json(`${SERVICE}/devices/1001/sessions`)).toEqual([]);
    expect((await stack.fetch(SESSIONS, { user: 't1002/admin' })).status).toBe(404);
    for (const { client } of [one, other]) client.disconnect();
  });

  it('can be ended by an administrator; both ends and the audit log get the reason', async () => {
    const running = await session();
    const [{ id } = { id: '' }] = await sessions('engineer');
    await asAdmin('DELETE', `${SESSIONS}/${id}`);
    const ended = await ends(running, 'session-terminated');
    expect(ended.text).toBe('"admin" ended the session.');
    expect(running.client.closeCode).toBe(4403);
    const { auditRecords } = await stack.json<{ auditRecords: object[] }>(
      `/audit/auditRecords?source=${DEVICE}&pageSize=100`,
    );
    expect(auditRecords).toContainEqual(
      expect.objectContaining({ activity: 'Remote access session terminated', user: 'admin' }),
    );
    expect(await sessions('engineer')).toEqual([]);
  });

  it('cannot be ended by other users, by other tenants or through another device', async () => {
    const running = await session('engineer');
    const [{ id } = { id: '' }] = await sessions('engineer');
    const attempts: [user: string, path: string, status: number][] = [
      ['operator', `${SESSIONS}/${id}`, 404],
      ['t1002/admin', `${SESSIONS}/${id}`, 404],
      ['viewer', `${SESSIONS}/${id}`, 403],
      ['device_gw-2', `${SESSIONS}/${id}`, 403],
      ['admin', `${SERVICE}/devices/1001/sessions/${id}`, 404],
      ['admin', `${SESSIONS}/${running.operationId}`, 404],
      ['admin', `${SESSIONS}/00000000-0000-4000-8000-000000000000`, 404],
    ];
    for (const [user, path, status] of attempts) {
      expect({
        user,
        path,
        status: (await stack.fetch(path, { method: 'DELETE', user })).status,
      }).toEqual({ user, path, status });
    }
    running.client.type('still here');
    expect((await running.far.has(10)).toString()).toBe('still here');
    running.client.disconnect();
  });

  it('can be ended by their own user from elsewhere', async () => {
    const running = await session('operator');
    const [{ id } = { id: '' }] = await sessions('operator');
    const response = await stack.fetch(`${SESSIONS}/${id}`, { method: 'DELETE', user: 'operator' });
    expect(response.status).toBe(204);
    await ends(running, 'session-terminated');
  });

  it('are listed and can be ended while they wait for their gateway', async () => {
    const path = stack.clientPath(endpoint.id, DEVICE);
    const { ticket } = await stack.json<any>(`${path}/tickets`, { method: 'POST' });
    const client = await TerminalClient.open(`${stack.webSocketUrl(path)}?ticket=${ticket}`);
    const { id: operationId } = await device.pending();
    const [waiting] = await sessions('admin');
    expect(waiting).toMatchObject({ state: 'opening', operationId });
    await asAdmin('DELETE', `${SESSIONS}/${waiting!.id}`);
    await client.closed();
    expect(client.closeCode).toBe(4403);
    await waitUntil('the operation is FAILED', async () => {
      return (await device.operation(operationId)).status === 'FAILED';
    });
  });
});
