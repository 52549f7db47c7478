import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { SUBPROTOCOLS, type RunningSession } from '@remote-access/contracts';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { ResumingClient } from '../fixtures/resuming-client';
import { SeparateStack } from '../fixtures/separate-stack';
import { GATEWAY, Stack } from '../fixtures/stack';

// `npm run test:soak` runs this in a separate network namespace that has only a loopback device, so
// only packets of this test are dropped.

const SILENCE_MS = 60_000;

/** A silent client is noticed within a minute, a silent gateway within 45 s. */
const NOTICED_MS = 90_000;

const FLOOD_BYTES = 4 * 1024 * 1024;

/** As on the Internet. The loopback device would carry 64 KiB in one packet. */
const MTU_BYTES = 1_500;

let target: TcpTarget;

beforeAll(async () => {
  execFileSync('ip', ['link', 'set', 'lo', 'mtu', String(MTU_BYTES)]);
  target = await tcpTarget();
});
afterEach(() => execFileSync('iptables', ['--flush']));
afterAll(() => target.stop());

/** Drops incoming packets. */
function drop(...rule: string[]): void {
  execFileSync('iptables', ['-A', 'INPUT', '-p', 'tcp', ...rule, '-j', 'DROP']);
}

/** Nothing leaves or reaches these ports, not even the end of a connection. */
function silence(ports: readonly number[]): void {
  for (const port of ports) {
    drop('--sport', String(port));
    drop('--dport', String(port));
  }
}

function goOn(): void {
  execFileSync('iptables', ['--flush']);
}

/** The local port of a WebSocket. */
function portOf(socket: WebSocket): number {
  const { _socket: transport } = socket as unknown as { _socket: { localPort: number } };
  return transport.localPort;
}

async function open(url: string): Promise<Received> {
  const socket = new WebSocket(url, SUBPROTOCOLS.v1, { perMessageDeflate: false });
  socket.on('error', () => undefined);
  const received = new Received(socket);
  await once(socket, 'open');
  return received;
}

async function echoes(session: Received): Promise<void> {
  const before = session.length;
  session.socket.send(Buffer.from('hello'));
  await session.has(before + 5);
}

describe('a client', () => {
  let stack: Stack;
  beforeAll(async () => {
    // A hosting platform would itself close connections that are silent for a minute.
    stack = await Stack.start({ asHosted: false });
  }, 30_000);
  afterAll(() => stack.stop(), 30_000);

  async function endpoint(protocol: 'PASSTHROUGH' | 'TELNET'): Promise<string> {
    const place = { name: 'Plc', hostname: '127.0.0.1', port: target.port };
    return (await stack.addEndpoint({ ...place, protocol })).id;
  }

  const sessions = (): Promise<RunningSession[]> =>
    stack.json(`/service/remoteaccess/devices/${GATEWAY}/sessions`);

  it('receives every byte over links that lose one packet in twenty', async () => {
    const session = new Received(await stack.connectRaw(await endpoint('PASSTHROUGH')));
    await echoes(session);
    drop('-m', 'statistic', '--mode', 'random', '--probability', '0.05');
    const sent = randomBytes(FLOOD_BYTES);
    const before = session.length;
    for (let at = 0; at < sent.length; at += 16_384) {
      session.socket.send(sent.subarray(at, at + 16_384));
    }
    await waitUntil('all of it is back', () => session.length === before + sent.length, 240_000);
    const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(digest(session.bytes.subarray(before))).toBe(digest(sent));
    goOn();
    await session.leave();
  }, 300_000);

  it('resumes a terminal after its link was silent for a minute', async () => {
    const client = await ResumingClient.open(stack, await endpoint('TELNET'));
    client.type('before ');
    await client.reads('before ');
    silence([portOf(client.socket)]);
    const since = performance.now();
    client.type('lost on the way ');
    await waitUntil(
      'the service notices it',
      async () => (await sessions()).some(({ state }) => state === 'waiting'),
      NOTICED_MS,
    );
    await waitUntil('a minute', () => performance.now() - since > SILENCE_MS, NOTICED_MS);
    await client.cut();
    client.type('typed meanwhile');
    await client.resume();
    await client.reads('typed meanwhile');
    expect(client.text.match(/before lost on the way typed meanwhile/g)).toHaveLength(1);
    client.disconnect();
    await client.closed();
  }, 240_000);

  it('that vanished without a packet is detected, and its session ends', async () => {
    const session = new Received(await stack.connectRaw(await endpoint('PASSTHROUGH')));
    await echoes(session);
    silence([portOf(session.socket)]);
    session.socket.terminate();
    await waitUntil('the session is over', async () => (await sessions()).length === 0, NOTICED_MS);
    goOn();
    const next = new Received(await stack.connectRaw(await endpoint('PASSTHROUGH')));
    await echoes(next);
    await next.leave();
  }, 240_000);
});

it('a gateway whose link is silent for a minute is lost, and serves again afterwards', async () => {
  const stack = await SeparateStack.start();
  try {
    const place = { name: 'Plc', hostname: '127.0.0.1', port: target.port };
    const { id } = await stack.addEndpoint({ ...place, protocol: 'PASSTHROUGH' });
    const session = await open(await stack.ticketUrl(id));
    await echoes(session);
    const since = performance.now();
    silence(portsOf(stack.agent.process.pid!));
    await waitUntil('the client is told', () => session.code !== undefined, NOTICED_MS);
    expect(session.texts.map(text => JSON.parse(text)).at(-1)).toMatchObject({
      type: 'ended',
      code: 'gateway-lost',
    });
    await waitUntil('a minute', () => performance.now() - since > SILENCE_MS, NOTICED_MS);
    goOn();
    const next = await open(await stack.ticketUrl(id));
    await echoes(next);
    await next.leave();
  } finally {
    goOn();
    await stack.stop();
  }
}, 300_000);

/** The local ports of a process's connections. */
function portsOf(pid: number): number[] {
  const lines = execFileSync('ss', ['-tnpH'], { encoding: 'utf8' }).split('\n');
  const own = lines.filter(line => line.includes(`pid=${pid},`));
  return own.map(line => Number(/:(\d+)$/.exec(line.trim().split(/\s+/)[3] ?? '')?.[1]));
}
