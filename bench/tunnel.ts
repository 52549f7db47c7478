import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  CertificateAuthority,
  closedPort,
  LocalStack,
  tcpTarget,
  temporaryFolder,
  waitUntil,
  type TcpTarget,
} from '@remote-access/testkit';
import { type BareRelay, startBareRelay } from './bare-relay';
import type { BenchEntry } from './entry';
import { median } from './ratios';

const ROOT = join(__dirname, '..', '..');
const C8YLP = join(ROOT, '.cache', 'python', 'bin', 'c8ylp');

const BYTES = 200_000_000;
/** Fewer bytes, because c8ylp takes several times as long for each. */
const BYTES_OF_C8YLP = 50_000_000;
const ROUNDS = 5;

/** remote-access, ingress, service, ingress again, agent. */
const HOPS = 5;

/** Python takes a while to start. */
const START_TIMEOUT_MS = 60_000;

/** The product's goals, as ratios to each peer. */
const GOALS = { hops: 0.5, c8ylp: 3, service: 0.95 };

const CHUNK = Buffer.alloc(64 * 1024, 'x');

type Direction = 'received' | 'sent';

interface Path {
  readonly name: 'forward' | 'withoutTls' | 'hops' | 'c8ylp' | 'bare';
  readonly port: number;
  readonly bytes: number;
}

/**
 * Bulk transfer through `remote-access forward`, with and without TLS, through plain TCP hops, which
 * have none, and through c8ylp over TLS.
 */
export const tunnel: BenchEntry = {
  name: 'tunnel',
  async run() {
    const stack = await LocalStack.start({ env: { HTTPS_PORT: String(await closedPort()) } });
    await waitUntil('the address with TLS', () => /^TLS: .* CA: /m.test(stack.output));
    const folder = temporaryFolder('tunnel');
    const children: ChildProcess[] = [];
    const targets = await startTargets();
    const authority = new CertificateAuthority();
    let targetPort = 0;
    const relay = await startBareRelay(stack.url, authority, () => targetPort);
    try {
      for (const [direction, target] of Object.entries(targets)) {
        targetPort = target.port;
        await measure(stack, folder.path, direction as Direction, target, relay, children);
      }
    } finally {
      relay.stop();
      authority.remove();
      for (const child of children) child.kill('SIGKILL');
      for (const target of Object.values(targets)) await target.stop();
      folder.remove();
      await stack.stop();
    }
  },
};

/** One server that sends endlessly, and one that accepts everything and reports when it has it. */
async function startTargets(): Promise<Record<Direction, TcpTarget>> {
  const received = await tcpTarget(socket => {
    const fill = (): void => {
      while (!socket.destroyed && socket.write(CHUNK));
    };
    socket.on('drain', fill);
    fill();
  });
  const sent = await tcpTarget(socket => {
    let bytes = 0;
    let told = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      for (const mark of [BYTES_OF_C8YLP, BYTES]) {
        if (told < mark && bytes >= mark) {
          told = mark;
          socket.write('.');
        }
      }
    });
  });
  return { received, sent };
}

async function measure(
  stack: LocalStack,
  folder: string,
  direction: Direction,
  target: TcpTarget,
  relay: BareRelay,
  children: ChildProcess[],
): Promise<void> {
  await stack.fetch('/service/remoteaccess/devices/1001/configurations', 'admin', {
    method: 'POST',
    body: JSON.stringify({
      name: `Bulk ${direction}`,
      hostname: '127.0.0.1',
      port: target.port,
      protocol: 'PASSTHROUGH',
    }),
  });
  const forward = (url: string): Promise<number> =>
    startForward(stack, url, folder, direction, children);
  const paths: Path[] = [
    { name: 'forward', port: await forward(secureUrl(stack)), bytes: BYTES },
    { name: 'withoutTls', port: await forward(stack.url), bytes: BYTES },
    { name: 'hops', port: await startHops(target.port, children), bytes: BYTES },
  ];
  const rates: Record<Path['name'], number[]> = {
    forward: [],
    withoutTls: [],
    hops: [],
    c8ylp: [],
    bare: [],
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const path of paths) rates[path.name].push(await rateOf(path, direction));
    if (!existsSync(C8YLP)) continue;
    const ways = [
      ['c8ylp', secureUrl(stack)],
      ['bare', relay.url],
    ] as const;
    for (const [name, url] of ways) {
      // A new process each time, because it serves one connection at a time.
      const port = await startC8ylp(stack, url, folder, direction, children);
      rates[name].push(await rateOf({ name, port, bytes: BYTES_OF_C8YLP }, direction));
      children.pop()?.kill('SIGKILL');
    }
  }
  const shown = (name: Path['name']): string => `${median(rates[name]).toFixed(0)} MB/s`;
  const ratio = (peer: Path['name'], of: Path['name'] = 'forward'): string =>
    median(rates[of].map((rate, round) => rate / rates[peer][round]!)).toFixed(2);
  console.log(
    `${direction}: remote-access forward ${shown('forward')} over TLS, ${shown('withoutTls')} without; ` +
      `${HOPS} plain TCP hops ${shown('hops')}: ${ratio('hops')} and ${ratio('hops', 'withoutTls')} times that ` +
      `(goal: at least ${GOALS.hops})`,
  );
  console.log(
    rates.c8ylp.length > 0
      ? `  c8ylp ${shown('c8ylp')}: ${ratio('c8ylp')} times that (goal: at least ${GOALS.c8ylp}); c8ylp through a ` +
          `bare relay ${shown('bare')}: through the service ${ratio('bare', 'c8ylp')} times that ` +
          `(goal: at least ${GOALS.service})`
      : '  c8ylp: not measured, `npm test` or `npm run test:interop` installs it',
  );
}

async function startForward(
  stack: LocalStack,
  url: string,
  folder: string,
  direction: Direction,
  children: ChildProcess[],
): Promise<number> {
  const main = join(ROOT, 'apps', 'cli', 'bin', 'remote-access.mjs');
  const child = spawn(process.execPath, [main, 'forward', 'gw-1', `Bulk ${direction}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      REMOTE_ACCESS_URL: url,
      REMOTE_ACCESS_USER: 't1001/admin',
      REMOTE_ACCESS_PASSWORD: stack.description.password,
      NODE_EXTRA_CA_CERTS: authorityOf(stack),
    },
  });
  children.push(child);
  const [address] = (await once(child.stdout, 'data')) as [Buffer];
  return Number(address.toString().trim().split(':')[1]);
}

/** Node's own pipe, in as many processes as our path has. */
async function startHops(targetPort: number, children: ChildProcess[]): Promise<number> {
  let port = targetPort;
  for (let hop = 0; hop < HOPS; hop += 1) {
    const next = port;
    const script =
      "const net = require('node:net');" +
      'const server = net.createServer({ noDelay: true }, near => {' +
      `const far = net.connect({ port: ${next}, host: '127.0.0.1', noDelay: true });` +
      'near.pipe(far); far.pipe(near);' +
      "near.on('error', () => far.destroy()); far.on('error', () => near.destroy());" +
      "near.on('close', () => far.destroy()); far.on('close', () => near.destroy()); });" +
      "server.listen(0, '127.0.0.1', () => console.log(server.address().port));";
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    port = Number(line.toString());
  }
  return port;
}

async function startC8ylp(
  stack: LocalStack,
  url: string,
  folder: string,
  direction: Direction,
  children: ChildProcess[],
): Promise<number> {
  const port = await closedPort();
  const args = ['server', 'gw-1', '--config', `Bulk ${direction}`, '--port', String(port)];
  const child = spawn(C8YLP, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      C8Y_HOST: url,
      C8Y_TENANT: 't1001',
      C8Y_USER: 'admin',
      C8Y_PASSWORD: stack.description.password,
      C8YLP_DISABLE_PROMPTS: 'true',
      C8YLP_IGNORE_SSL_VALIDATE: 'true',
    },
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', chunk => (output += String(chunk)));
  await waitUntil('c8ylp listens', () => output.includes('is listening'), START_TIMEOUT_MS);
  return port;
}

function secureUrl(stack: LocalStack): string {
  const port = /^TLS: https:\/\/127\.0\.0\.1:(\d+)/m.exec(stack.output)?.[1];
  if (port === undefined) throw new Error('The stack has no TLS');
  return `https://127.0.0.1:${port}`;
}

function authorityOf(stack: LocalStack): string {
  const file = /^TLS: .* CA: (\S+)$/m.exec(stack.output)?.[1];
  if (file === undefined) throw new Error('The stack has told no CA');
  return file;
}

/** MB/s of one connection, from opening it to the last byte. */
async function rateOf({ port, bytes }: Path, direction: Direction): Promise<number> {
  const startedAt = performance.now();
  const socket = connect(port, '127.0.0.1');
  await (direction === 'received' ? receive(socket, bytes) : send(socket, bytes));
  const seconds = (performance.now() - startedAt) / 1000;
  socket.destroy();
  return bytes / 1e6 / seconds;
}

function receive(socket: Socket, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let got = 0;
    socket.on('data', (chunk: Buffer) => {
      got += chunk.length;
      if (got >= bytes) resolve();
    });
    socket.on('error', reject);
    socket.once('close', () => reject(new Error(`Closed after ${got} bytes`)));
  });
}

/** Resolves when the target has received everything. */
function send(socket: Socket, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = bytes;
    const fill = (): void => {
      while (left > 0) {
        const chunk = CHUNK.subarray(0, Math.min(left, CHUNK.length));
        left -= chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    let marks = bytes === BYTES ? 2 : 1;
    socket.on('data', (dots: Buffer) => {
      marks -= dots.length;
      if (marks <= 0) resolve();
    });
    socket.on('drain', fill);
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('Closed before everything had arrived')));
    fill();
  });
}
