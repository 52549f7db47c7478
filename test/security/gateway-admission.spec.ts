import { once } from 'node:events';
import type { AuditRecord } from '@remote-access/contracts/platform';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { RawDevice, Received } from '../fixtures/raw-device';
import { rawUpgrade, type RawHeaders } from '../fixtures/raw-upgrade';
import { basic, Stack } from '../fixtures/stack';

// Devices of a tenant can read each other's operations, and thus the connection keys in them.
describe.each([
  ['where devices may ask who they are', false],
  ['where they may not', true],
])('%s', (_name, asHosted) => {
  let stack: Stack;
  let gateway: RawDevice;
  let path: string;

  beforeEach(async () => {
    stack = await Stack.start({ agent: false, asHosted });
    gateway = new RawDevice(stack);
    const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
    path = stack.clientPath((await stack.addEndpoint(body, '1002')).id, '1002');
  });
  afterEach(() => stack.stop());

  const tenant = () => stack.emulator.store.tenant('t1001')!;
  const clients: WebSocket[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });

  async function waitingKey(clientPath = path, device = gateway): Promise<string> {
    const client = new WebSocket(stack.webSocketUrl(clientPath), {
      headers: { authorization: basic('operator') },
    });
    clients.push(client);
    await once(client, 'open');
    return (await device.pending()).c8y_RemoteAccessConnect!.connectionKey;
  }

  async function dialled(
    key: string,
    authorization: string,
    headers: RawHeaders = {},
  ): Promise<number> {
    const route = `/service/remoteaccess/device/${key}`;
    const answer = await rawUpgrade(stack.emulator.url, route, {
      Authorization: authorization,
      ...headers,
    });
    answer.socket.destroy();
    return answer.status;
  }

  function setOption(key: string, value: string): void {
    const category = 'remoteaccess';
    tenant().options.put({ id: `${category}/${key}`, category, key, value });
  }
  const allowReaders = (): void => setOption('remoteaccess.device.admission', 'reader');

  function link(parent: string, kind: 'childDevices' | 'childAssets', child: string): void {
    tenant().hierarchy.add({ parent, kind, child });
  }

  it('another gateway reads the key, and is refused with it', async () => {
    const key = await waitingKey();
    const attacker = new RawDevice(stack, '1002', 'device_gw-1');
    expect((await attacker.pending()).c8y_RemoteAccessConnect?.connectionKey).toBe(key);
    expect(await dialled(key, basic('device_gw-1'))).toBe(404);
    expect(await dialled(key, basic('t1001/device_gw-1'))).toBe(404);
    expect(await dialled(key, basic('device_ws-1'))).toBe(404);
    expect(await dialled(key, basic('device_gw-2'))).toBe(101);
  });

  it('the gateway is admitted with a token as well', async () => {
    const { accessToken } = await stack.signIn('device_gw-2');
    expect(await dialled(await waitingKey(), `Bearer ${accessToken}`)).toBe(101);
  });

  it.each([
    ['a wrong password', () => basic('device_gw-2', 'wrong'), 401],
    ['a forged token', () => `Bearer ${forgedToken()}`, 401],
    ["another tenant's user of the same name", () => basic('t1002/device_gw-2'), 404],
    ['a human', () => basic('operator'), 404],
  ])('%s is refused', async (_who, authorization, status) => {
    tenant().managedObjects.put({ ...tenant().managedObjects.get('1002')!, owner: 'device_gw-2' });
    const other = stack.emulator.store.tenant('t1002')!;
    other.accounts.put({ ...other.accounts.get('device_gw-t2')!, id: 'device_gw-2' });
    expect(await dialled(await waitingKey(), authorization())).toBe(status);
  });

  it("another tenant's user of the same name and an operation of the same id are not enough", async () => {
    const key = await waitingKey();
    const operation = tenant().operations.list().at(-1)!;
    const other = stack.emulator.store.tenant('t1002')!;
    other.accounts.put({ ...tenant().accounts.get('device_gw-2')! });
    const connect = { ...operation.c8y_RemoteAccessConnect!, connectionKey: 'another' };
    other.operations.put({ ...operation, c8y_RemoteAccessConnect: connect });
    // Its name has no tenant: the host determines it.
    const answer = await rawUpgrade(stack.microservice.url, `/device/${key}`, {
      Authorization: basic('device_gw-2'),
      'X-Forwarded-Host': 't1002.example.com',
    });
    answer.socket.destroy();
    expect(answer.status).toBe(404);
    expect(await dialled(key, basic('device_gw-2'))).toBe(101);
  });

  it('the owner of a parent device is admitted, at any depth and in a cycle', async () => {
    link('1001', 'childDevices', '1003');
    link('1003', 'childDevices', '1002');
    link('1002', 'childDevices', '1001');
    expect(await dialled(await waitingKey(), basic('device_gw-1'))).toBe(101);
  });

  it('the owner of a group is not', async () => {
    link('1001', 'childAssets', '1002');
    expect(await dialled(await waitingKey(), basic('device_gw-1'))).toBe(404);
  });

  it('the user is told which device connected instead of the owner', async () => {
    const set = { operationTimeoutSeconds: 5, enabled: true, hostKeyAutosave: false };
    const settings = { ...set, idleTimeoutMs: 60_000, maxDurationSeconds: 0, notice: null };
    const body = JSON.stringify(settings);
    await stack.json('/service/remoteaccess/settings', { method: 'PUT', user: 'admin', body });
    const key = await waitingKey();
    const received = new Received(clients[0]!);
    expect(await dialled(key, basic('device_gw-1'))).toBe(404);
    await received.closed();
    expect(received.reason).toContain('"device_gw-1"');
  }, 15_000);

  describe('with a WebSocket key that violates RFC 6455', () => {
    const malformed = { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAAAA' };

    it('the gateway is refused, and the user is told about the setting', async () => {
      const key = await waitingKey();
      const received = new Received(clients[0]!);
      expect(await dialled(key, basic('device_gw-1'), malformed)).toBe(404);
      expect(await dialled(key, basic('device_gw-2'), malformed)).toBe(400);
      await received.closed();
      expect(received.reason).toContain('malformed key');
      expect(await dialled(key, basic('device_gw-2'))).toBe(404);
    });

    it('the gateway is admitted if the tenant accepts it, and nobody else', async () => {
      setOption('remoteaccess.device.malformed-key', 'true');
      const key = await waitingKey();
      expect(await dialled(key, basic('device_gw-1'), malformed)).toBe(404);
      expect(await dialled(key, basic('device_gw-2'), malformed)).toBe(101);
    });
  });

  it('a tenant can admit devices that may read the operation, which is audited', async () => {
    allowReaders();
    const key = await waitingKey();
    expect(await dialled(key, basic('operator'))).toBe(404);
    // Nothing proves that a user is a device if the platform does not say so.
    expect(await dialled(key, basic('device_gw-1'))).toBe(asHosted ? 404 : 101);
    if (asHosted) return;
    const records = async (): Promise<AuditRecord[]> =>
      (await stack.json<{ auditRecords: AuditRecord[] }>('/audit/auditRecords?pageSize=100'))
        .auditRecords;
    await waitUntil('the admission is audited', async () =>
      (await records()).some(
        ({ activity, text, user }) =>
          activity === 'Remote access gateway admitted' &&
          text.includes('"device_gw-1"') &&
          user === 'device_gw-1',
      ),
    );
  });

  it('a device that may not read the operation is then refused, too', async () => {
    allowReaders();
    const attacker = tenant().accounts.get('device_gw-1')!;
    tenant().accounts.put({ ...attacker, roles: ['ROLE_DEVICE'] });
    expect(await dialled(await waitingKey(), basic('device_gw-1'))).toBe(404);
  });
});

function forgedToken(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ ten: 't1001', sub: 'device_gw-2' })}.x`;
}
