import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Operation } from '@remote-access/contracts/platform';
import { FramedConnection } from '@remote-access/relay';
import { WebSocketDuplex } from '@remote-access/streams';
import { waitUntil, type LocalStack } from '@remote-access/testkit';

const GATEWAY = '1002';
const GATEWAY_USER = 'device_gw-2';

/** What opening sessions requires of a stack. */
export type Platform = Pick<LocalStack, 'fetch' | 'authorization'>;

/** Two connections that a relay has joined. */
export interface Joined {
  readonly client: Socket;
  readonly gateway: Socket;
}

/** One microservice of the stack, which is connected to without the ingress. */
export interface Service {
  readonly pid: number;
  readonly port: number;
  readonly log: string;
}

/** @param name the name in stack.json: `microservice`, `microservice-2`, … */
export function serviceOf(stack: LocalStack, name = 'microservice'): Service {
  const part = stack.description.parts.find(one => one.name === name);
  if (!part) throw new Error(`The stack has no ${name}`);
  return { pid: part.pid, port: Number(part.env['SERVER_PORT']), log: part.log };
}

/** Opens PASSTHROUGH sessions; the benchmark itself is the gateway. */
export class PassthroughSessions {
  constructor(
    private readonly stack: Platform,
    readonly endpointId: string,
  ) {}

  static async at(stack: Platform): Promise<PassthroughSessions> {
    const body = { name: 'Relay', hostname: '127.0.0.1', port: 9, protocol: 'PASSTHROUGH' };
    const path = `/service/remoteaccess/devices/${GATEWAY}/configurations`;
    const { id } = (await call(stack, path, 'engineer', 'POST', body)) as { id: string };
    return new PassthroughSessions(stack, id);
  }

  /** A session whose client and gateway each connect to a service directly, by port. */
  async join(clientPort: number, gatewayPort = clientPort, user = 'operator'): Promise<Joined> {
    const client = await this.openClient(clientPort, user);
    const key = await this.pendingKey();
    return { client, gateway: await this.openGateway(gatewayPort, key) };
  }

  openClient(port: number, user = 'operator'): Promise<Socket> {
    const headers = { Authorization: this.stack.authorization(user) };
    return upgrade(port, `/client/${GATEWAY}/configurations/${this.endpointId}`, headers);
  }

  openGateway(port: number, key: string): Promise<Socket> {
    const credentials = { Authorization: this.stack.authorization(GATEWAY_USER) };
    return upgrade(port, `/device/${key}`, credentials);
  }

  /** Takes the operations that are pending for the gateway, at most `count`. */
  async pendingKeys(count: number): Promise<string[]> {
    const path = `/devicecontrol/operations?deviceId=${GATEWAY}&status=PENDING&pageSize=${count}`;
    const found = (await call(this.stack, path, GATEWAY_USER)) as { operations: Operation[] };
    return Promise.all(
      found.operations.map(async operation => {
        const address = `/devicecontrol/operations/${operation.id}`;
        await call(this.stack, address, GATEWAY_USER, 'PUT', { status: 'EXECUTING' });
        return operation.c8y_RemoteAccessConnect!.connectionKey;
      }),
    );
  }

  private async pendingKey(): Promise<string> {
    let keys: string[] = [];
    await waitUntil('an operation for the gateway', async () => {
      keys = await this.pendingKeys(1);
      return keys.length > 0;
    });
    return keys[0]!;
  }
}

async function call(
  stack: Platform,
  path: string,
  user: string,
  method = 'GET',
  body?: unknown,
): Promise<unknown> {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await stack.fetch(path, user, init);
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response.json();
}

/** A WebSocket after its handshake. What arrived together with the answer is dropped. */
export async function upgrade(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Socket> {
  const { socket } = await shakeHands(port, path, headers);
  return socket;
}

/** @returns the paused connection, and what arrived together with the answer */
export async function shakeHands(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ socket: Socket; rest: Buffer }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  const [status = ''] = answer.toString('latin1').split('\r\n');
  if (!status.includes(' 101 ')) throw new Error(`${path.split('/')[1]}: ${status}`);
  return { socket, rest: answer.subarray(answer.indexOf('\r\n\r\n') + 4) };
}

/** One end of a session as a stream. */
export function streamOf(socket: Socket): WebSocketDuplex {
  const options = { role: 'client', protocol: '', maxMessageBytes: 64 * 1024 * 1024 } as const;
  const connection = new FramedConnection(socket, options);
  socket.resume();
  return new WebSocketDuplex(connection, { maxMessageBytes: 16 * 1024 });
}

/** The hash of the next bytes that arrive. */
export function sha256Of(side: WebSocketDuplex, length: number): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  return new Promise((resolve, reject) => {
    side.once('close', () => reject(new Error(`The session ended after ${bytes} bytes`)));
    side.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes === length) resolve(hash.digest('hex'));
    });
  });
}
