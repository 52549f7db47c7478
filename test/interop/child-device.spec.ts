import { once } from 'node:events';
import type { Operation } from '@remote-access/contracts/platform';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { basic, GATEWAY, Stack } from '../fixtures/stack';

let stack: Stack;
let target: TcpTarget;
let child: string;

beforeAll(async () => {
  [stack, target] = await Promise.all([Stack.start({ agent: false }), tcpTarget()]);
  const { id } = await stack.json<{ id: string }>('/inventory/managedObjects', {
    method: 'POST',
    user: 'admin',
    body: JSON.stringify({
      name: 'Line controller',
      c8y_IsDevice: {},
      c8y_SupportedOperations: ['c8y_RemoteAccessConnect'],
    }),
  });
  child = id;
  const body = JSON.stringify({ managedObject: { id } });
  const path = `/inventory/managedObjects/${GATEWAY}/childDevices`;
  await stack.json(path, { method: 'POST', user: 'admin', body });
});
afterAll(async () => {
  await stack.stop();
  await target.stop();
});

const operations = async (): Promise<Operation[]> =>
  (await stack.json<{ operations: Operation[] }>(`/devicecontrol/operations?deviceId=${child}`))
    .operations;

it('a returning agent serves an operation that was waiting for its child device', async () => {
  const place = { hostname: '127.0.0.1', port: target.port };
  const endpoint = await stack.addEndpoint(
    { name: 'Plc', ...place, protocol: 'PASSTHROUGH' },
    child,
  );
  const socket = new WebSocket(stack.webSocketUrl(stack.clientPath(endpoint.id, child)), {
    headers: { authorization: basic('operator') },
    perMessageDeflate: false,
  });
  const received = new Received(socket);
  await once(socket, 'open');
  await waitUntil('the operation waits', async () => (await operations()).length === 1);
  await stack.startAgent();
  socket.send(Buffer.from('hello'));
  expect((await received.has(5)).toString()).toBe('hello');
  expect(await operations()).toEqual([expect.objectContaining({ status: 'SUCCESSFUL' })]);
  socket.close();
  await received.closed();
});
