import { setTimeout as pause } from 'node:timers/promises';
import type { ServerMessage, Ticket } from '@remote-access/contracts';
import { OPTION_CATEGORY, OPTION_KEYS, ROLES } from '@remote-access/contracts/platform';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { basic, Stack } from '../fixtures/stack';
import { RawDevice, Received } from '../fixtures/raw-device';
import { TerminalClient } from '../fixtures/terminal-client';

const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

let stack: Stack;
let device: RawDevice;
let endpointId: string;

beforeEach(() => start());
afterEach(() => stack.stop(), 15_000);

/** Options are read rarely, so they must be set before the first request. */
async function start(options: Readonly<Record<string, string>> = {}): Promise<void> {
  stack = await Stack.start({ agent: false });
  const tenant = stack.emulator.store.tenant('t1001')!;
  for (const [key, value] of Object.entries(options)) {
    tenant.options.put({ id: `${OPTION_CATEGORY}/${key}`, category: OPTION_CATEGORY, key, value });
  }
  device = new RawDevice(stack);
  endpointId = (await stack.addEndpoint(body, '1002')).id;
}

async function restart(options: Readonly<Record<string, string>>): Promise<void> {
  await stack.stop();
  await start(options);
}

async function terminal(user = 'operator'): Promise<TerminalClient> {
  const path = stack.clientPath(endpointId, '1002');
  const { ticket } = await stack.json<Ticket>(`${path}/tickets`, { method: 'POST', user });
  return TerminalClient.open(`${stack.webSocketUrl(path)}?ticket=${ticket}`);
}

const ended = (client: TerminalClient): ServerMessage | undefined => client.messages.at(-1);

it('reports each step in order, with the operation', async () => {
  const client = await terminal();
  await client.reaches('operation-created');
  const operation = await device.pending();
  await device.report(operation.id, 'EXECUTING');
  await client.reaches('operation-delivered');
  const far = await device.dial(operation.c8y_RemoteAccessConnect!.connectionKey);
  await client.reaches('open');
  const steps = client.messages.filter(({ type }) => type === 'status');
  expect(steps.map(message => 'step' in message && message.step)).toEqual([
    'operation-created',
    'operation-delivered',
    'gateway-connected',
    'open',
  ]);
  expect(steps[0]).toMatchObject({ operationId: operation.id });
  await device.report(operation.id, 'SUCCESSFUL');
  client.disconnect();
  await client.closed();
  expect(client.closeCode).toBe(1000);
  expect(ended(client)).toMatchObject({ type: 'ended', by: 'client', code: 'normal' });
  await far.closed();
});

it('creates the operation that the contract describes, even if the gateway appears to be offline', async () => {
  const managedObject = stack.emulator.store.tenant('t1001')!.managedObjects.get('1002')!;
  stack.emulator.store.tenant('t1001')!.managedObjects.put({
    ...managedObject,
    c8y_Availability: { status: 'UNAVAILABLE' },
  });
  await terminal();
  const operation = await device.pending();
  expect(operation).toMatchObject({
    deviceId: '1002',
    description: 'Connect to remote access server',
    c8y_RemoteAccessConnect: { hostname: '10.0.0.5', port: 502 },
  });
  expect(Object.keys(operation.c8y_RemoteAccessConnect!).sort()).toEqual([
    'connectionKey',
    'hostname',
    'port',
  ]);
});

it('reports at once why the gateway failed', async () => {
  const client = await terminal();
  const { id } = await device.pending();
  await device.report(id, 'EXECUTING');
  await device.report(id, 'FAILED', 'connection refused by 10.0.0.5:502');
  await client.closed();
  expect(client.messages.slice(-2)).toMatchObject([
    { type: 'error', code: 'gateway-refused' },
    {
      type: 'ended',
      by: 'gateway',
      text: 'The gateway could not connect to the endpoint: connection refused by 10.0.0.5:502',
    },
  ]);
  expect(client.closeCode).toBe(4502);
  expect(await device.operation(id)).toMatchObject({
    failureReason: 'connection refused by 10.0.0.5:502',
  });
});

it.each([
  ['connection refused by 10.0.0.5:502', /port/],
  ['cannot resolve host name plc.local', /cannot resolve this name/],
  [
    'cannot resolve host name plc.local: the DNS server did not answer in time',
    /cannot resolve this name/,
  ],
  ['no route to 10.0.0.5:502', /cannot reach the host/],
  ['Failed to connect to TCP socket: Connection timed out', /cannot reach the host/],
  ['something else', /Check the host and port/],
])('says which hop failed and what to try after %j', async (reason, hint) => {
  const client = await terminal();
  const { id } = await device.pending();
  await device.report(id, 'FAILED', reason);
  await client.closed();
  const error = client.messages.find(({ type }) => type === 'error');
  expect(error).toMatchObject({
    code: 'gateway-refused',
    text: `The gateway could not connect to the endpoint: ${reason}`,
    step: 'endpoint-answered',
    hint: expect.stringMatching(hint) as string,
  });
  expect(error).toMatchObject({
    hint: expect.stringMatching(/contact your network administrator\.$/) as string,
  });
});

it('passes on the reason even if the gateway reports it after closing the connection', async () => {
  const client = await terminal();
  const { id, c8y_RemoteAccessConnect: connect } = await device.pending();
  await device.report(id, 'EXECUTING');
  const far = await device.dial(connect!.connectionKey);
  await client.reaches('open');
  far.socket.close();
  await far.closed();
  await device.report(id, 'FAILED', 'no route to 10.0.0.5');
  await client.closed();
  expect(ended(client)).toMatchObject({ by: 'gateway', code: 'gateway-refused' });
  expect(client.closeReason).toContain('no route to 10.0.0.5');
});

it('shows a reason without characters that act on or reorder the text (security)', async () => {
  const client = await terminal();
  const operation = await device.pending();
  await device.report(operation.id, 'FAILED', 'no\u202etuor \u2066\u200b\x1b[2J\u2028 route');
  await client.closed();
  const { text } = await client.message('error');
  expect(text).toBe('The gateway could not connect to the endpoint: no tuor  [2J  route');
});

it('truncates the reason to fit a close frame', async () => {
  const client = await terminal();
  const { id } = await device.pending();
  const reason = `<img src=x onerror=alert(1)>\r\n\u0000${'č'.repeat(2_000)}`;
  await device.report(id, 'EXECUTING');
  await device.report(id, 'FAILED', reason);
  await client.closed();
  const last = ended(client);
  expect(last).toMatchObject({ type: 'ended' });
  expect(Buffer.byteLength(client.closeReason)).toBeLessThanOrEqual(123);
  expect(client.closeReason).toContain('<img src=x onerror=alert(1)>');
  expect(client.closeReason).not.toMatch(/\p{Cc}/u);
});

it('does not treat SUCCESSFUL as a connection', async () => {
  await restart({ [OPTION_KEYS.operationTimeout]: '1' });
  const client = await terminal();
  const { id } = await device.pending();
  await device.report(id, 'EXECUTING');
  await device.report(id, 'SUCCESSFUL');
  await client.closed();
  expect(ended(client)).toMatchObject({ by: 'gateway', code: 'gateway-timeout' });
});

it.each([
  ['no gateway takes', false],
  ['a gateway takes but never serves', true],
])('fails an operation that %s, and tells the client', async (_name, taken) => {
  await restart({ [OPTION_KEYS.operationTimeout]: '1' });
  const client = await terminal();
  const { id, c8y_RemoteAccessConnect: connect } = await device.pending();
  if (taken) await device.report(id, 'EXECUTING');
  await client.closed();
  expect(client.closeCode).toBe(4504);
  expect(ended(client)).toMatchObject({ by: 'gateway', code: 'gateway-timeout' });
  await waitUntil('FAILED', async () => (await device.operation(id)).status === 'FAILED');
  expect(await device.operation(id)).toMatchObject({
    failureReason: taken
      ? 'The gateway "Spare gateway" took the operation but did not connect within 1 s.'
      : 'The gateway "Spare gateway" did not answer within 1 s. It may be offline.',
  });
  await expect(device.dial(connect!.connectionKey)).rejects.toThrow('404');
});

it('keeps the session open past the operation timeout once the gateway has connected', async () => {
  await restart({ [OPTION_KEYS.operationTimeout]: '1' });
  const client = await terminal();
  const { received } = await device.serve();
  await client.reaches('open');
  // Only time can tell: the timeout passes without an event.
  await pause(1_500);
  client.type('still here');
  expect((await received.has(10)).toString()).toBe('still here');
  client.disconnect();
  await client.closed();
});

it('stops watching the operation once the endpoint has sent data', async () => {
  const client = await terminal();
  const { id, c8y_RemoteAccessConnect: connect } = await device.pending();
  await device.report(id, 'EXECUTING');
  const far = await device.dial(connect!.connectionKey);
  far.send(Buffer.from('login: '));
  await client.reads('login: ');
  await device.report(id, 'FAILED', 'no route to 10.0.0.5');
  const asked = jest.spyOn(stack.emulator.store.tenant('t1001')!.operations, 'get');
  // Longer than the period in which a watched operation is read; only time shows that none is.
  await pause(2_500);
  expect(asked).not.toHaveBeenCalled();
  client.type('ana');
  expect((await far.has(3)).toString()).toBe('ana');
  client.disconnect();
  await client.closed();
});

it('fails the operation when the client leaves before the gateway has connected', async () => {
  const client = await terminal();
  const { id } = await device.pending();
  client.socket.close();
  await waitUntil('FAILED', async () => (await device.operation(id)).status === 'FAILED');
  expect(await device.operation(id)).toMatchObject({
    failureReason: 'The client left before the gateway connected.',
  });
});

it('closes with "forbidden" if the platform does not let the user create operations', async () => {
  const { accounts } = stack.emulator.store.tenant('t1001')!;
  accounts.put({
    ...accounts.get('operator')!,
    roles: [ROLES.remoteAccessRead, ROLES.inventoryRead, 'ROLE_USER_MANAGEMENT_OWN_READ'],
  });
  const client = await terminal();
  await client.closed();
  expect(client.closeCode).toBe(4403);
  expect(ended(client)).toMatchObject({ type: 'ended', code: 'forbidden' });
  expect(await device.operations()).toEqual([]);
});

it('ends a session without traffic after the idle timeout', async () => {
  await restart({ [OPTION_KEYS.idleTimeout]: '1500' });
  const client = await terminal();
  const { received: far } = await device.serve();
  await client.closed();
  expect(client.closeCode).toBe(4408);
  expect(ended(client)).toMatchObject({ by: 'service', code: 'idle-timeout' });
  expect((await far.closed()).code).toBe(1000);
});

it('ends a session at its maximum duration, even with traffic', async () => {
  await restart({ [OPTION_KEYS.maxDuration]: '1' });
  const client = await terminal();
  const { received: far } = await device.serve();
  const flow = setInterval(() => far.socket.send(Buffer.from('x')), 20);
  await client.closed();
  clearInterval(flow);
  expect(ended(client)).toMatchObject({ by: 'service', code: 'session-expired' });
});

it('counts the bytes of output', async () => {
  const client = await terminal();
  const { received: far } = await device.serve();
  far.socket.send(Buffer.alloc(12_345));
  far.socket.close();
  await client.closed();
  expect(client.output).toHaveLength(12_345);
  expect(ended(client)).toMatchObject({ by: 'target', code: 'normal', outputBytes: 12_345 });
});

it('holds output back when the client asks, and resumes when the client says so', async () => {
  const client = await terminal();
  const { received: far } = await device.serve();
  client.socket.send(JSON.stringify({ type: 'flow', state: 'hold' }));
  client.type('after the hold');
  await far.has(14);
  far.socket.send(Buffer.from('held'));
  client.type('!');
  await far.has(15);
  expect(client.output).toHaveLength(0);
  client.socket.send(JSON.stringify({ type: 'flow', state: 'go' }));
  await client.reads('held');
  client.disconnect();
  await far.closed();
});

it('ignores unknown messages', async () => {
  const client = await terminal();
  const { received: far } = await device.serve();
  for (const text of ['{', '[]', 'null', '{"type":"constructor"}', '{"type":"resize","cols":-1}']) {
    client.socket.send(text);
  }
  client.type('still here');
  expect((await far.has(10)).toString()).toBe('still here');
  client.disconnect();
  await far.closed();
});

it('ends every session with a reason when the service stops', async () => {
  const open = await terminal();
  const { received: far, operation } = await device.serve();
  await open.reaches('open');
  const waiting = await terminal();
  const { id } = await device.pending();
  await stack.microservice.stop();
  for (const client of [open, waiting]) {
    await client.closed();
    expect(client.closeCode).toBe(1001);
    expect(ended(client)).toMatchObject({ by: 'service', code: 'shutting-down' });
  }
  expect((await far.closed()).code).toBe(1001);
  expect(await device.operation(id)).toMatchObject({ status: 'FAILED' });
  expect(await device.operation(operation.id)).toMatchObject({ status: 'SUCCESSFUL' });
});

it.each([
  ['a password', { credentialsType: 'PASS_ONLY', password: 'secret' }, 101],
  ['no password', {}, 101],
])('a VNC endpoint with %s answers %s', async (_name, credentials, status) => {
  const { id } = await stack.addEndpoint(
    { name: 'Screen', hostname: '10.0.0.5', port: 5900, protocol: 'VNC', ...credentials } as never,
    '1002',
  );
  const socket = new WebSocket(stack.webSocketUrl(stack.clientPath(id, '1002')), {
    headers: { authorization: basic('operator') },
  });
  const received = new Received(socket);
  const answer = new Promise<number>(resolve => {
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode!);
      response.resume();
    });
    socket.once('open', () => resolve(101));
  });
  socket.on('error', () => undefined);
  expect(await answer).toBe(status);
  socket.close();
  await received.closed();
});
