import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type LocalStack, tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { measureAgentStart } from './agent-start';
import { cpuSeconds, residentMebibytes } from './process-usage';
import type { BenchEntry } from './entry';
import { median } from './ratios';

const PROGRAM = join(__dirname, '..', '..', 'apps', 'agent', 'dist', 'main.js');

const GIB = 2 ** 30;

/** Sent through one session in each direction; `AGENT_GIB` reduces it. */
const TOTAL_GIB = Number(process.env['AGENT_GIB'] ?? 10);

const CONNECTS = 40;

const SESSIONS = 50;

/** Sent through each of the concurrent sessions. */
const BYTES_AT_ONCE = 64 * 1024 * 1024;

const GOALS = { cpuPerGb: 1.0, mqtt: 1.3, mebibytes: 256 };

/** gw-2, on which no agent is running. */
const DEVICE = '1002';

const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** The cost of the agent: its start, CPU, memory, and the time from the operation to the first byte. */
export const agent: BenchEntry = {
  name: 'agent',
  async run(stack) {
    const flood = await tcpTarget(socket => {
      const fill = (): void => {
        while (!socket.destroyed && socket.write(CHUNK));
      };
      socket.on('drain', fill);
      fill();
    });
    const sink = await tcpTarget(socket => socket.resume());
    const greeter = await tcpTarget(socket => socket.write('x'));
    try {
      const ids = {
        flood: await addEndpoint(stack, 'Flood', flood),
        sink: await addEndpoint(stack, 'Sink', sink),
        greeter: await addEndpoint(stack, 'Greeter', greeter),
      };
      await measureAgentStart(stack, env => startAgent(stack, env));
      await measureBulk(stack, ids.flood, ids.sink, sink);
      await measureFirstByte(stack, ids.greeter);
      await measureMany(stack, ids.flood);
    } finally {
      await Promise.all([flood.stop(), sink.stop(), greeter.stop()]);
    }
  },
};

async function addEndpoint(stack: LocalStack, name: string, { port }: TcpTarget): Promise<string> {
  const path = `/service/remoteaccess/devices/${DEVICE}/configurations`;
  const body = { name: `Agent ${name}`, hostname: '127.0.0.1', port, protocol: 'PASSTHROUGH' };
  const init = { method: 'POST', body: JSON.stringify(body) };
  const answer = await stack.fetch(path, 'admin', init);
  return ((await answer.json()) as { id: string }).id;
}

/** Starts a separate agent for gw-2. */
async function startAgent(
  stack: LocalStack,
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      C8Y_BASEURL: stack.url,
      DEVICE_USER: 't1001/device_gw-2',
      DEVICE_PASSWORD: stack.description.password,
      DEVICE_EXTERNAL_ID: 'gw-2',
      ...env,
    },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-10_000)));
  await waitUntil('the agent is ready', () => output.includes('ready'));
  return child;
}

async function stopAgent(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function connect(stack: LocalStack, endpointId: string): Promise<WebSocket> {
  const path = `/service/remoteaccess/client/${DEVICE}/configurations/${endpointId}`;
  const socket = new WebSocket(`${stack.url.replace(/^http/, 'ws')}${path}`, {
    headers: { authorization: stack.authorization('admin') },
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  return socket;
}

/** Resolves when this many bytes have arrived. */
function receive(socket: WebSocket, bytes: number, onBytes?: (got: number) => void): Promise<void> {
  let got = 0;
  return new Promise((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      got += data.length;
      onBytes?.(got);
      if (got >= bytes) resolve();
    });
    socket.once('close', code => reject(new Error(`Closed with ${code} after ${got} bytes`)));
  });
}

async function send(socket: WebSocket, bytes: number, sink: TcpTarget): Promise<void> {
  let sent = 0;
  while (sent < bytes) {
    await new Promise<void>(resolve => socket.send(CHUNK, () => resolve()));
    sent += CHUNK.length;
  }
  const arrived = (): number => sink.connections.at(-1)?.bytesRead ?? 0;
  await waitUntil('everything has arrived', () => arrived() >= sent, 120_000);
}

async function measureBulk(
  stack: LocalStack,
  floodId: string,
  sinkId: string,
  sink: TcpTarget,
): Promise<void> {
  const child = await startAgent(stack, {});
  const pid = child.pid!;
  const bytes = TOTAL_GIB * GIB;
  for (const direction of ['from the target', 'to the target'] as const) {
    const socket = await connect(stack, direction === 'from the target' ? floodId : sinkId);
    const rounds: number[] = [];
    const before = cpuSeconds(pid);
    const sample = setInterval(() => rounds.push(residentMebibytes(pid)), 250);
    const startedMs = performance.now();
    if (direction === 'from the target') await receive(socket, bytes);
    else await send(socket, bytes, sink);
    const seconds = (performance.now() - startedMs) / 1000;
    clearInterval(sample);
    const cpu = (cpuSeconds(pid) - before) / (bytes / 1e9);
    const part = Math.max(1, Math.floor(rounds.length / 10));
    const early = median(rounds.slice(part, 2 * part));
    const late = median(rounds.slice(-part));
    console.log(
      `${TOTAL_GIB} GiB ${direction}: ${(bytes / 1e6 / seconds).toFixed(0)} MB/s, ` +
        `${cpu.toFixed(2)} CPU s/GB (goal: at most ${GOALS.cpuPerGb}); resident ${early.toFixed(0)} MiB in the ` +
        `second tenth, ${late.toFixed(0)} MiB in the last`,
    );
    socket.terminate();
  }
  await stopAgent(child);
}

/** From the client's request, which creates the operation, to the target's first byte. */
async function measureFirstByte(stack: LocalStack, greeterId: string): Promise<void> {
  const times: Record<'rest' | 'mqtt', number[]> = { rest: [], mqtt: [] };
  const rounds = 4;
  for (let round = 0; round < rounds; round += 1) {
    for (const transport of ['rest', 'mqtt'] as const) {
      const env = { TRANSPORT: transport, MQTT_URL: stack.description.mqtt };
      const child = await startAgent(stack, env);
      for (let count = 0; count < CONNECTS / rounds; count += 1) {
        const startedMs = performance.now();
        const socket = await connect(stack, greeterId);
        await receive(socket, 1);
        times[transport].push(performance.now() - startedMs);
        socket.terminate();
      }
      await stopAgent(child);
    }
  }
  const [rest, mqtt] = [median(times.rest), median(times.mqtt)];
  console.log(
    `operation to first byte: MQTT ${mqtt.toFixed(1)} ms, REST ${rest.toFixed(1)} ms: ` +
      `${(mqtt / rest).toFixed(2)} times that (goal: at most ${GOALS.mqtt})`,
  );
}

/** Concurrent sessions at full throughput, while every client reads slowly at first. */
async function measureMany(stack: LocalStack, floodId: string): Promise<void> {
  const child = await startAgent(stack, {});
  const sockets = await Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      const socket = await connect(stack, floodId);
      socket.pause();
      return socket;
    }),
  );
  await pause(3_000);
  const received = sockets.map(socket => receive(socket, BYTES_AT_ONCE));
  for (const socket of sockets) socket.resume();
  await Promise.all(received);
  const [, peak] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  console.log(
    `${SESSIONS} sessions at once, ${BYTES_AT_ONCE / 2 ** 20} MiB each: at most ` +
      `${(Number(peak) / 1024).toFixed(0)} MiB resident (goal: at most ${GOALS.mebibytes})`,
  );
  for (const socket of sockets) socket.terminate();
  await stopAgent(child);
}
