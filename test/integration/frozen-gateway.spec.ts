import { once } from 'node:events';
import { SUBPROTOCOLS, type PongMessage, type ServerMessage } from '@remote-access/contracts';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { SeparateStack } from '../fixtures/separate-stack';

let stack: SeparateStack;
let target: TcpTarget;
let pinging: NodeJS.Timeout | undefined;

beforeAll(async () => {
  [stack, target] = await Promise.all([SeparateStack.start(), tcpTarget()]);
}, 60_000);
afterEach(() => clearInterval(pinging));
afterAll(async () => {
  stack.agent.signal('SIGCONT');
  await stack.stop();
  await target.stop();
}, 30_000);

/** A client that pings like the page, and the last pong that it received. */
async function client(): Promise<{ told: () => PongMessage | undefined; near: Received }> {
  const place = { hostname: '127.0.0.1', port: target.port };
  const { id } = await stack.addEndpoint({ name: 'Plc', ...place, protocol: 'PASSTHROUGH' });
  const socket = new WebSocket(await stack.ticketUrl(id), SUBPROTOCOLS.v1);
  const near = new Received(socket);
  await once(socket, 'open');
  let count = 0;
  pinging = setInterval(() => {
    count += 1;
    socket.send(JSON.stringify({ type: 'ping', id: count }));
  }, 2_000);
  const messages = (): ServerMessage[] => near.texts.map(text => JSON.parse(text) as ServerMessage);
  return {
    near,
    told: () =>
      messages()
        .filter(({ type }) => type === 'pong')
        .at(-1) as never,
  };
}

it('tells the client the round trip to the gateway, and when its agent is suspended', async () => {
  const { told, near } = await client();
  await waitUntil('the gateway answers', () => told()?.gateway === 'answers', 20_000);
  expect(told()!.gatewayMs).toBeGreaterThan(0);
  stack.agent.signal('SIGSTOP');
  await waitUntil('the gateway is silent', () => told()?.gateway === 'silent', 20_000);
  stack.agent.signal('SIGCONT');
  await waitUntil('it answers again', () => told()?.gateway === 'answers', 20_000);
  near.socket.terminate();
}, 90_000);
