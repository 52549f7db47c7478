import { once } from 'node:events';
import { SUBPROTOCOLS, type Endpoint, type Ticket } from '@remote-access/contracts';
import type { LocalStack } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import type { Terminal } from './terminal';

const USER = 'operator';
const CONFIGURATIONS = '/configurations';
const GATEWAY = '/service/remoteaccess';

/** The page acknowledges rendered output in steps of this size. */
const ACK_BYTES = 32 * 1024;

/** The SSH endpoint that the stack creates. */
export async function gatewayShell(stack: LocalStack): Promise<Endpoint> {
  const endpoints = await json<Endpoint[]>(stack, `${GATEWAY}/devices/1001${CONFIGURATIONS}`);
  const found = endpoints.find(({ name }) => name === 'Gateway shell');
  if (!found) throw new Error('The stack has no endpoint "Gateway shell"');
  return found;
}

/** Opens a session as the browser does: a ticket, then `remoteaccess.v1`. */
export async function openBrowserTerminal(
  stack: LocalStack,
  endpoint: Endpoint,
): Promise<Terminal> {
  const path = `${GATEWAY}/client/1001${CONFIGURATIONS}/${endpoint.id}`;
  const { ticket } = await json<Ticket>(stack, `${path}/tickets`, { method: 'POST' });
  const url = `${stack.url.replace(/^http/, 'ws')}${path}?ticket=${ticket}`;
  const socket = new WebSocket(url, SUBPROTOCOLS.v1, { perMessageDeflate: false });
  let listener: (chunk: Buffer) => void = () => undefined;
  let drawn = 0;
  let told = 0;
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return;
    drawn += data.length;
    if (drawn - told >= ACK_BYTES) {
      told = drawn;
      socket.send(JSON.stringify({ type: 'ack', bytes: drawn }));
    }
    listener(data);
  });
  await once(socket, 'open');
  return {
    type: text => socket.send(Buffer.from(text)),
    close: () => socket.terminate(),
    onOutput: next => (listener = next),
  };
}

async function json<Body>(stack: LocalStack, path: string, init?: RequestInit): Promise<Body> {
  const response = await stack.fetch(path, USER, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}
