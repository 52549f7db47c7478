import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { ROLES } from '@remote-access/contracts/platform';
import { WebSocket } from 'ws';
import { basic, Stack } from '../fixtures/stack';
import { RawDevice, Received } from '../fixtures/raw-device';
import { rawUpgrade } from '../fixtures/raw-upgrade';

// A connection key can be claimed once, and only by its gateway.
const lines: string[] = [];
let stack: Stack;
let device: RawDevice;
let endpointId: string;

beforeEach(async () => {
  lines.length = 0;
  jest.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    lines.push(String(chunk));
    return true;
  });
  stack = await Stack.start({ agent: false, env: { LOG_LEVEL: 'debug' } });
  device = new RawDevice(stack);
  const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
  endpointId = (await stack.addEndpoint(body, '1002')).id;
});
afterEach(async () => {
  await stack.stop();
  jest.restoreAllMocks();
});

async function connectClient(): Promise<WebSocket> {
  const socket = new WebSocket(stack.webSocketUrl(stack.clientPath(endpointId, '1002')), {
    headers: { authorization: basic('operator') },
  });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

async function waitingKey(): Promise<{ key: string; operationId: string; client: WebSocket }> {
  const client = await connectClient();
  const { id, c8y_RemoteAccessConnect: connect } = await device.pending();
  return { key: connect!.connectionKey, operationId: id, client };
}

async function dialled(key: string, authorization: string | undefined): Promise<number> {
  const path = `/service/remoteaccess/device/${key}`;
  const headers = { Authorization: authorization };
  const answer = await rawUpgrade(stack.emulator.url, path, headers);
  answer.socket.destroy();
  return answer.status;
}

it('is a random UUID, different for each session', async () => {
  const first = await waitingKey();
  first.client.close();
  await new Received(first.client).closed();
  const second = await waitingKey();
  expect(first.key).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(second.key).not.toBe(first.key);
});

it('admits one device socket: a second one is refused, the first one stays', async () => {
  const { key, client } = await waitingKey();
  const { socket } = await device.dial(key);
  await expect(device.dial(key)).rejects.toThrow('404');
  const got = new Received(client);
  socket.send(Buffer.from('still here'));
  expect((await got.has(10)).toString()).toBe('still here');
});

it('admits one of two device sockets that present it at the same time', async () => {
  const { key } = await waitingKey();
  const own = basic('device_gw-2');
  const statuses = await Promise.all([dialled(key, own), dialled(key, own)]);
  expect(statuses.sort()).toEqual([101, 404]);
});

it.each([
  ['another gateway', 't1001/device_gw-1', 404],
  ['another tenant', 't1002/admin', 404],
  ['the human who opened the session', 't1001/operator', 404],
  ['an administrator', 't1001/admin', 404],
  ['a wrong password', 't1001/device_gw-2:wrong', 401],
])('does not admit %s, and stays valid for its gateway', async (_name, who, status) => {
  const [user = '', password] = who.split(':');
  const { key } = await waitingKey();
  expect(await dialled(key, basic(user, password))).toBe(status);
  expect(await dialled(key, basic('device_gw-2'))).toBe(101);
});

it('does not admit a human who has the device role as well', async () => {
  const tenant = stack.emulator.store.tenant('t1001')!;
  const admin = tenant.accounts.get('admin')!;
  const { key } = await waitingKey();
  tenant.accounts.put({ ...admin, roles: [...admin.roles, ROLES.device] });
  expect(await dialled(key, basic('admin'))).toBe(404);
});

it('does not admit a socket without credentials', async () => {
  const { key } = await waitingKey();
  expect(await dialled(key, undefined)).toBe(401);
});

it('is invalid after the client has left', async () => {
  const { key, client, operationId } = await waitingKey();
  client.close();
  await once(client, 'close');
  expect(await dialled(key, basic('device_gw-2'))).toBe(404);
  expect(await device.operation(operationId)).toMatchObject({ status: 'FAILED' });
});

it.each([
  ['in upper case', (key: string) => key.toUpperCase()],
  ['with a trailing slash', (key: string) => `${key}/`],
  ['with a leading slash', (key: string) => `/${key}`],
  ['percent-encoded', (key: string) => key.replaceAll('-', '%2d')],
  ['shortened', (key: string) => key.slice(1)],
])('is invalid when written %s', async (_name, spell) => {
  const { key } = await waitingKey();
  expect(await dialled(spell(key), basic('device_gw-2'))).toBe(404);
});

it('allows ten guesses a minute, and always admits the right key', async () => {
  const { key } = await waitingKey();
  const own = basic('device_gw-2');
  const statuses: number[] = [];
  for (let count = 0; count < 11; count += 1) statuses.push(await dialled(randomUUID(), own));
  expect(statuses).toEqual([...Array<number>(10).fill(404), 429]);
  // Guesses by one user do not slow down another.
  expect(await dialled(randomUUID(), basic('device_gw-1'))).toBe(404);
  expect(await dialled(key, own)).toBe(101);
});

it('appears only in the operation, not in logs or audit records', async () => {
  const { key, client, operationId } = await waitingKey();
  await dialled(key, basic('device_gw-1'));
  await stack.fetch(`/service/remoteaccess/device/${key}`);
  const { socket } = await device.dial(key);
  const got = new Received(client);
  socket.close();
  await got.closed();
  await stack.microservice.stop();

  const audit = await (await stack.fetch('/audit/auditRecords?pageSize=100')).text();
  expect(audit).toContain('Remote access session ended');
  expect(audit).not.toContain(key);
  expect(got.reason).not.toContain(key);
  expect(lines.join('')).toContain('Session ended');
  expect(lines.join('')).not.toContain(key);
  const operation = await device.operation(operationId);
  expect(operation.c8y_RemoteAccessConnect!.connectionKey).toBe(key);
  expect(operation.description).not.toContain(key);
});
