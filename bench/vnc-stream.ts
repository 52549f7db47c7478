import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Endpoint, EndpointBody } from '@remote-access/contracts';
import {
  PASSWORD_SECURITY,
  tcpTarget,
  uint32,
  VncPeer,
  type LocalStack,
} from '@remote-access/testkit';
import { WebSocket } from 'ws';
import type { BenchEntry } from './entry';
import { cpuSeconds } from './process-usage';
import { median } from './ratios';
import { serviceOf } from './relay-sessions';

const RUNS = 6;
const BYTES = 512 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 0x5a);
const GIGABYTE = 1e9;

const PASSWORD = 'panel 42';
const CONFIGURATIONS = '/service/remoteaccess/devices/1001/configurations';

interface Way {
  readonly what: string;
  readonly endpoint: Endpoint;
  /** The client's side of everything that precedes the stream. */
  readonly handshake: (client: Reader) => Promise<void>;
  readonly secondsPerGigabyte: number[];
}

export const vncStream: BenchEntry = {
  name: 'vnc-stream',
  run: async stack => console.table(await measureVncStream(stack)),
};

/**
 * Compares the microservice's CPU time for a VNC stream that it has signed in to with that for
 * bytes that it only forwards. Both send the same bytes through the same gateway, in turn.
 */
async function measureVncStream(stack: LocalStack): Promise<Record<string, string | number>[]> {
  console.log(`Streaming ${BYTES / 1024 / 1024} MiB ${2 * RUNS} times …`);
  const plain = await tcpTarget(socket => void pump(socket));
  const vnc = await tcpTarget(socket => void signInAndPump(socket));
  const ways: Way[] = [
    {
      what: 'bytes forwarded',
      endpoint: await addEndpoint(stack, { port: plain.port, protocol: 'PASSTHROUGH' }),
      handshake: () => Promise.resolve(),
      secondsPerGigabyte: [],
    },
    {
      what: 'VNC, signed in by the service',
      endpoint: await addEndpoint(stack, {
        port: vnc.port,
        protocol: 'VNC',
        credentialsType: 'PASS_ONLY',
        password: PASSWORD,
      }),
      handshake: openScreen,
      secondsPerGigabyte: [],
    },
  ];
  // The first run of each is a warm-up.
  for (const way of ways) await stream(stack, way);
  for (let run = 0; run < RUNS; run += 1) {
    for (const way of ways) way.secondsPerGigabyte.push(await stream(stack, way));
  }
  await Promise.all([plain.stop(), vnc.stop()]);
  const [base] = ways;
  return ways.map(({ what, secondsPerGigabyte }) => ({
    what,
    n: secondsPerGigabyte.length,
    'CPU s/GB, median': median(secondsPerGigabyte).toFixed(3),
    all: secondsPerGigabyte.map(seconds => seconds.toFixed(2)).join(' '),
    'ratio to the first': (median(secondsPerGigabyte) / median(base!.secondsPerGigabyte)).toFixed(
      3,
    ),
  }));
}

/** @returns CPU seconds of the microservice for each GB that reached the client */
async function stream(stack: LocalStack, { endpoint, handshake }: Way): Promise<number> {
  const path = `/service/remoteaccess/client/1001/configurations/${endpoint.id}`;
  const socket = new WebSocket(`${stack.url.replace(/^http/, 'ws')}${path}`, {
    headers: { authorization: stack.authorization('operator') },
    perMessageDeflate: false,
  });
  const client = new Reader(socket);
  await once(socket, 'open');
  await handshake(client);
  const { pid } = serviceOf(stack);
  const before = cpuSeconds(pid);
  client.send(Buffer.of(1));
  await client.skip(BYTES);
  const spent = cpuSeconds(pid) - before;
  socket.terminate();
  return (spent * GIGABYTE) / BYTES;
}

/** The client's side of an RFB 3.8 handshake with security type None. */
async function openScreen(client: Reader): Promise<void> {
  client.send(await client.take(12));
  await client.take(2);
  client.send(Buffer.of(1));
  await client.take(4);
}

async function signInAndPump(socket: Socket): Promise<void> {
  const peer = new VncPeer(socket);
  peer.send('RFB 003.008\n');
  await peer.take(12);
  peer.send([1, PASSWORD_SECURITY.type]);
  await peer.take(1);
  const isRight = await PASSWORD_SECURITY.check(peer, { username: '', password: PASSWORD });
  peer.send(uint32(isRight ? 0 : 1));
  await peer.take(1);
  await send(socket);
}

async function pump(socket: Socket): Promise<void> {
  await once(socket, 'data');
  await send(socket);
}

async function send(socket: Socket): Promise<void> {
  for (let sent = 0; sent < BYTES && !socket.destroyed; sent += CHUNK.length) {
    if (!socket.write(CHUNK)) await once(socket, 'drain');
  }
}

/** Reads a given number of bytes. Skipped bytes are not buffered. */
class Reader {
  private kept = Buffer.alloc(0);
  private toSkip = 0;
  private wake: () => void = () => undefined;

  constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      if (this.toSkip > 0) this.toSkip -= data.length;
      else this.kept = Buffer.concat([this.kept, data]);
      this.wake();
    });
  }

  send(bytes: Buffer): void {
    this.socket.send(bytes);
  }

  async take(length: number): Promise<Buffer> {
    while (this.kept.length < length) await new Promise<void>(resolve => (this.wake = resolve));
    const bytes = this.kept.subarray(0, length);
    this.kept = this.kept.subarray(length);
    return bytes;
  }

  async skip(length: number): Promise<void> {
    this.toSkip = length - this.kept.length;
    while (this.toSkip > 0) await new Promise<void>(resolve => (this.wake = resolve));
  }
}

async function addEndpoint(
  stack: LocalStack,
  body: Omit<EndpointBody, 'name' | 'hostname'>,
): Promise<Endpoint> {
  const whole = { name: `Stream of ${body.protocol}`, hostname: '127.0.0.1', ...body };
  const init = { method: 'POST', body: JSON.stringify(whole) };
  const response = await stack.fetch(CONFIGURATIONS, 'engineer', init);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Endpoint;
}
