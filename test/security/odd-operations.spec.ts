import type { Operation } from '@remote-access/contracts/platform';
import { arbitraryJson, randomSource, tcpTarget, waitUntil } from '@remote-access/testkit';
import { GATEWAY, Stack } from '../fixtures/stack';

let stack: Stack;
beforeEach(async () => (stack = await Stack.start()));
afterEach(() => stack.stop());

async function operationWith(connect: unknown): Promise<string> {
  const { id } = await stack.json<Operation>('/devicecontrol/operations', {
    method: 'POST',
    body: JSON.stringify({ deviceId: GATEWAY, c8y_RemoteAccessConnect: connect }),
  });
  return id;
}

const operation = (id: string): Promise<Operation> =>
  stack.json<Operation>(`/devicecontrol/operations/${id}`);

it('arbitrary content in operations fails them, with a reason, and ends no agent', async () => {
  const random = randomSource(29);
  const key = '7d5b1b3e-0000-4000-8000-000000000000';
  const odd = [
    { hostname: '127.0.0.1', port: 22, connectionKey: '\ud800' },
    { hostname: '127.0.0.1', port: 22, connectionKey: { toString: null, valueOf: null } },
    'text',
    5,
    [],
    {},
    { hostname: { toString: null }, port: { valueOf: null }, connectionKey: key },
    ...Array.from({ length: 40 }, () => ({
      hostname: arbitraryJson(random),
      port: arbitraryJson(random),
      connectionKey: arbitraryJson(random),
    })),
  ];
  const ids = await Promise.all(odd.map(operationWith));
  for (const id of ids) {
    await waitUntil(`operation ${id} is FAILED`, async () => {
      return (await operation(id)).status === 'FAILED';
    });
    expect((await operation(id)).failureReason).toMatch(/^bad (target|connection key): \S/);
  }

  const target = await tcpTarget(socket => socket.end('still here'));
  const { id } = await stack.addEndpoint({
    name: 'Plc',
    hostname: '127.0.0.1',
    port: target.port,
    protocol: 'PASSTHROUGH',
  });
  const client = await stack.connectRaw(id);
  const [message] = await new Promise<[Buffer]>(resolve =>
    client.once('message', (data: Buffer) => resolve([data])),
  );
  expect(message.toString()).toBe('still here');
  client.terminate();
  await target.stop();
});

it('a connection key that nobody issued opens a connection to the target and sends nothing', async () => {
  let connections = 0;
  let bytes = 0;
  const target = await tcpTarget(socket => {
    connections += 1;
    socket.on('data', (data: Buffer) => (bytes += data.length));
  });
  const id = await operationWith({
    hostname: '127.0.0.1',
    port: target.port,
    connectionKey: '7d5b1b3e-0000-4000-8000-000000000000',
  });
  await waitUntil('the operation is FAILED', async () => {
    return (await operation(id)).status === 'FAILED';
  });
  expect([connections, bytes]).toEqual([1, 0]);
  await target.stop();
});
