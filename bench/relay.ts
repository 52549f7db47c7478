import { execFile, fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Operation } from '@remote-access/contracts/platform';
import { temporaryFolder, waitUntil, type LocalStack } from '@remote-access/testkit';
import { cpuSeconds } from './cpu-seconds';
import type { BenchEntry } from './entry';
import { median } from './ratios';

const SIZES = [128, 1024, 16 * 1024, 64 * 1024];
const ROUNDS = 5;
const FLOOD_SECONDS = 1.5;
const BOUNCES = 1_000;
const BOUNCES_BESIDE_FLOOD = 300;
const FLOODS_BESIDE_BOUNCES = [1024, 64 * 1024];

/** Of a flood that goes on for longer than what is measured beside it. */
const LONG_FLOOD_SECONDS = 60;

const GATEWAY = '1002';
const GATEWAY_USER = 'device_gw-2';

type Framing = 'frames' | 'plain';

/** Two connections that a relay has joined, read and written by the load generator. */
interface Joined {
  readonly client: Socket;
  readonly gateway: Socket;
}

interface Relay {
  readonly name: string;
  readonly framing: Framing;
  readonly pid: number;
  join(): Promise<Joined>;
}

/** What a flood of frames of one size measured: payload in bytes per second, and CPU. */
interface FloodFigures {
  readonly bytesPerSecond: number;
  readonly cpuSecondsPerGB: number;
}

/** The microservice alone as a relay of frames, beside `ws` used plainly and a pipe of TCP. */
export const relay: BenchEntry = {
  name: 'relay',
  async run(stack) {
    const folder = temporaryFolder('bench');
    const peers = await Promise.all((['ws', 'pipe'] as const).map(startPeer));
    try {
      const generator = join(folder.path, 'relay-load');
      await promisify(execFile)('cc', ['-O2', '-o', generator, sourceOfGenerator()]);
      const relays = [await ours(stack), ...peers.map(({ relay: peer }) => peer)];
      await measureFloods(generator, relays);
      await measureBounces(generator, relays);
      await measureBouncesBesideFloods(generator, relays);
    } finally {
      for (const { child } of peers) child.disconnect();
      folder.remove();
    }
  },
};

/** The benchmark runs from `.cache/bench`. */
function sourceOfGenerator(): string {
  return join(__dirname, '..', '..', 'bench', 'relay-load.c');
}

async function startPeer(kind: 'ws' | 'pipe'): Promise<{ relay: Relay; child: ChildProcess }> {
  const child = fork(join(__dirname, 'relay-peer.js'), [kind]);
  const [port] = (await once(child, 'message')) as [number];
  const framing = kind === 'ws' ? 'frames' : 'plain';
  const open = async (): Promise<Socket> => {
    if (framing === 'frames') return upgrade(port, '/', {});
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const peer: Relay = {
    name: kind === 'ws' ? '`ws`, message by message' : 'TCP pipe',
    framing,
    pid: child.pid!,
    join: async () => ({ client: await open(), gateway: await open() }),
  };
  return { relay: peer, child };
}

async function ours(stack: LocalStack): Promise<Relay> {
  const service = stack.description.parts.find(({ name }) => name === 'microservice')!;
  const port = Number(service.env['SERVER_PORT']);
  const body = { name: 'Relay', hostname: '127.0.0.1', port: 9, protocol: 'PASSTHROUGH' };
  const path = `/service/remoteaccess/devices/${GATEWAY}/configurations`;
  const { id } = (await call(stack, path, 'engineer', 'POST', body)) as { id: string };
  const joinSides = async (): Promise<Joined> => {
    const headers = { Authorization: stack.authorization('operator') };
    const client = await upgrade(port, `/client/${GATEWAY}/configurations/${id}`, headers);
    const key = await pendingKey(stack);
    const credentials = { Authorization: stack.authorization(GATEWAY_USER) };
    return { client, gateway: await upgrade(port, `/device/${key}`, credentials) };
  };
  return { name: 'the microservice', framing: 'frames', pid: service.pid, join: joinSides };
}

async function pendingKey(stack: LocalStack): Promise<string> {
  const path = `/devicecontrol/operations?deviceId=${GATEWAY}&status=PENDING`;
  let operation: Operation | undefined;
  await waitUntil('an operation for the gateway', async () => {
    const found = (await call(stack, path, GATEWAY_USER)) as { operations: Operation[] };
    operation = found.operations[0];
    return operation !== undefined;
  });
  const address = `/devicecontrol/operations/${operation!.id}`;
  await call(stack, address, GATEWAY_USER, 'PUT', { status: 'EXECUTING' });
  return operation!.c8y_RemoteAccessConnect!.connectionKey;
}

async function call(
  stack: LocalStack,
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

/** A WebSocket whose handshake is over; nothing after it is read here. */
async function upgrade(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Socket> {
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
  return socket;
}

/** @returns what the load generator prints */
async function load(
  generator: string,
  { sender, receiver }: { sender: Socket; receiver: Socket },
  ...args: (string | number)[]
): Promise<number[]> {
  const child = spawn(generator, args.map(String), {
    stdio: ['ignore', 'pipe', 'inherit', sender, receiver],
  });
  let printed = '';
  child.stdout!.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`relay-load ${args.join(' ')} ended with ${code}`);
  return printed.trim().split(' ').map(Number);
}

async function measureFloods(generator: string, relays: readonly Relay[]): Promise<void> {
  for (const direction of ['gateway to client', 'client to gateway'] as const) {
    for (const size of SIZES) {
      const figures = new Map<Relay, FloodFigures[]>(relays.map(one => [one, []]));
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const one of relays) {
          figures.get(one)!.push(await flood(generator, one, direction, size));
        }
      }
      console.log(`frames of ${size} bytes, ${direction}`);
      const rate = (one: Relay): number =>
        median(figures.get(one)!.map(({ bytesPerSecond }) => bytesPerSecond));
      for (const one of relays) {
        const rates = figures.get(one)!.map(({ bytesPerSecond }) => bytesPerSecond / 1e6);
        const cpu = median(figures.get(one)!.map(({ cpuSecondsPerGB }) => cpuSecondsPerGB));
        const spread = `${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)}`;
        const ratio =
          one === relays[0] ? '' : `; ours ${(rate(relays[0]!) / rate(one)).toFixed(2)} times`;
        console.log(
          `  ${one.name.padEnd(24)} ${(rate(one) / 1e6).toFixed(0)} MB/s (${spread}), ` +
            `${cpu.toFixed(2)} CPU s/GB${ratio}`,
        );
      }
    }
  }
}

async function flood(
  generator: string,
  one: Relay,
  direction: 'gateway to client' | 'client to gateway',
  size: number,
): Promise<FloodFigures> {
  const { client, gateway } = await one.join();
  const [sender, receiver] =
    direction === 'gateway to client' ? [gateway, client] : [client, gateway];
  const cpuBefore = cpuSeconds(one.pid);
  const args = ['flood', one.framing, size, FLOOD_SECONDS];
  const [bytes, seconds] = (await load(generator, { sender, receiver }, ...args)) as [
    number,
    number,
  ];
  const cpu = cpuSeconds(one.pid) - cpuBefore;
  for (const socket of [client, gateway]) socket.destroy();
  // The CPU time includes the quarter that the generator warms up for.
  return { bytesPerSecond: bytes / seconds, cpuSecondsPerGB: cpu / ((bytes * 1.25) / 1e9) };
}

async function measureBounces(generator: string, relays: readonly Relay[]): Promise<void> {
  const figures = new Map<Relay, number[]>(relays.map(one => [one, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of relays) figures.get(one)!.push(await bounce(generator, one, BOUNCES));
  }
  console.log('one byte there and back, idle');
  printBounces(relays, figures);
}

async function measureBouncesBesideFloods(
  generator: string,
  relays: readonly Relay[],
): Promise<void> {
  for (const size of FLOODS_BESIDE_BOUNCES) {
    const figures = new Map<Relay, number[]>(relays.map(one => [one, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const one of relays) {
        const { client, gateway } = await one.join();
        const child = spawn(
          generator,
          ['flood', one.framing, size, LONG_FLOOD_SECONDS].map(String),
          { stdio: ['ignore', 'ignore', 'ignore', gateway, client] },
        );
        figures.get(one)!.push(await bounce(generator, one, BOUNCES_BESIDE_FLOOD));
        child.kill('SIGKILL');
        await once(child, 'close');
        for (const socket of [client, gateway]) socket.destroy();
      }
    }
    console.log(`one byte there and back, beside a flood of frames of ${size} bytes`);
    printBounces(relays, figures);
  }
}

/** @returns the median in microseconds */
async function bounce(generator: string, one: Relay, count: number): Promise<number> {
  const { client, gateway } = await one.join();
  const sides = { sender: client, receiver: gateway };
  const [p50 = Number.NaN] = await load(generator, sides, 'bounce', one.framing, count);
  for (const socket of [client, gateway]) socket.destroy();
  return p50;
}

function printBounces(relays: readonly Relay[], figures: ReadonlyMap<Relay, number[]>): void {
  const own = median(figures.get(relays[0]!)!);
  for (const one of relays) {
    const all = figures.get(one)!;
    const spread = `${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}`;
    const ratio = one === relays[0] ? '' : `; ours ${(own / median(all)).toFixed(2)} times`;
    console.log(`  ${one.name.padEnd(24)} p50 ${median(all).toFixed(0)} µs (${spread})${ratio}`);
  }
}
