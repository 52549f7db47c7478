import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { SUBPROTOCOLS } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { NodeInspector, tcpTarget, type TcpTarget, waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { SeparateStack } from '../fixtures/separate-stack';
import { ShiftedClock } from '../fixtures/shifted-clock';
import { basic, GATEWAY } from '../fixtures/stack';

/** The service reserves 128 of them for itself. */
const OPEN_FILES = 256;

const HOUR_MS = 60 * 60_000;

let stack: SeparateStack;
let target: TcpTarget;
let endpointId: string;

beforeAll(async () => {
  [stack, target] = await Promise.all([SeparateStack.start({}, [], OPEN_FILES), tcpTarget()]);
  const place = { hostname: '127.0.0.1', port: target.port };
  endpointId = (await stack.addEndpoint({ name: 'Plc', ...place, protocol: 'PASSTHROUGH' })).id;
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await target.stop();
}, 30_000);

/** A session with an endpoint that echoes. */
async function open(url?: string): Promise<Received> {
  const address = url ?? (await stack.ticketUrl(endpointId));
  const socket = new WebSocket(address, SUBPROTOCOLS.raw, { perMessageDeflate: false });
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

async function isServed(): Promise<boolean> {
  const request = { headers: { connection: 'close' } };
  return fetch(`${stack.serviceUrl}/health`, request).then(
    answer => answer.ok,
    () => false,
  );
}

describe('when its open files are used up', () => {
  it('drops new connections, keeps the sessions, says so in the log, and recovers', async () => {
    const session = await open();
    await echoes(session);
    const { port, hostname } = new URL(stack.serviceUrl);
    const crowd: Socket[] = [];
    let dropped = 0;
    for (let count = 0; count < OPEN_FILES; count += 1) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      // Otherwise the connection is closed once its headers are late.
      socket.write('GET /health HTTP/1.1\r\n');
      socket.once('close', () => (dropped += 1));
      socket.resume();
      crowd.push(socket);
    }
    await waitUntil('some are dropped', () => dropped > OPEN_FILES / 3);
    expect(await isServed()).toBe(false);
    await echoes(session);
    const lines = stack.microservice.lines.filter(line => line.includes('Connections are dropped'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ limit: OPEN_FILES - 128 });

    for (const socket of crowd) socket.destroy();
    await waitUntil('it is served again', isServed);
    await echoes(await open());
    session.socket.close();
  }, 60_000);
});

describe('when nobody reads its log', () => {
  it('keeps and opens sessions, and so do agent and platform', async () => {
    const session = await open();
    await echoes(session);
    const parts = [stack.microservice, stack.agent, stack.emulator];
    for (const { process } of parts) process.stdout.destroy();
    // Ending a session is logged by service and agent.
    const closed = once(session.socket, 'close');
    session.socket.close();
    await closed;
    const next = await open();
    await echoes(next);
    for (const { process } of parts)
      expect([process.exitCode, process.signalCode]).toEqual([null, null]);
    next.socket.close();
  });
});

describe('when it may not open another file', () => {
  let inspector: NodeInspector;
  beforeEach(async () => {
    const { microservice } = stack;
    inspector = await NodeInspector.attach(microservice.process.pid!, () => microservice.stderr);
  });
  afterEach(async () => {
    await release();
    await inspector.detach();
  });

  /** Opens files in the process until the kernel refuses. @returns why */
  const exhaust = (): Promise<unknown> =>
    inspector.evaluate(`(() => {
      const { openSync } = process.getBuiltinModule('node:fs');
      globalThis.held = [];
      for (;;) {
        try {
          held.push(openSync('/dev/null'));
        } catch ({ code }) {
          return code;
        }
      }
    })()`);
  const release = (): Promise<unknown> =>
    inspector.evaluate(`(globalThis.held ?? []).splice(0).forEach(file =>
      process.getBuiltinModule('node:fs').closeSync(file))`);

  it('keeps the sessions, drops connections or says why, and recovers', async () => {
    const session = await open();
    await echoes(session);
    // One connection of a caller that stays, because new ones are not accepted.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async (): Promise<{ status: number; error?: string }> => {
      const { port, hostname } = new URL(stack.serviceUrl);
      const path = `/devices/${GATEWAY}/configurations`;
      const headers = { authorization: basic('t1001/engineer') };
      const request = get({ agent, port, hostname, path, headers });
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      const { error } = (await json(answer)) as { error?: string };
      return { status: answer.statusCode!, ...(error !== undefined && { error }) };
    };
    expect(await ask()).toEqual({ status: 200 });

    expect(await exhaust()).toBe('EMFILE');
    expect(await isServed()).toBe(false);
    await expect(open()).rejects.toThrow();
    await echoes(session);
    // Of its connections to the platform some are open, and more cannot be made.
    const answers = await Promise.all(Array.from({ length: 3 }, ask));
    for (const { status, error } of answers) {
      expect([200, 502, 503]).toContain(status);
      if (status !== 200) expect(error).toMatch(/^remoteaccess\/platform-/);
    }
    await echoes(session);

    await release();
    await waitUntil('it is served again', isServed);
    expect(await ask()).toEqual({ status: 200 });
    const next = await open();
    await echoes(next);
    await echoes(session);
    for (const { socket } of [session, next]) socket.close();
    agent.destroy();
  }, 60_000);
});

describe.each([
  ['an hour ahead', HOUR_MS],
  ['an hour back', -HOUR_MS],
])("when the machine's clock is set %s", (_way, shiftMs) => {
  let clock: ShiftedClock;
  beforeEach(async () => {
    clock = await ShiftedClock.of(stack.microservice);
  });
  afterEach(() => clock.release());

  it('running sessions continue, tickets stay valid, new sessions open, and no operation fails', async () => {
    const running = await open();
    await echoes(running);
    const ticket = await stack.ticketUrl(endpointId);
    await clock.set(shiftMs);
    await echoes(running);
    const later = await open(ticket);
    await echoes(later);
    const next = await open();
    await echoes(next);
    await echoes(running);
    const path = `/devicecontrol/operations?deviceId=${GATEWAY}&pageSize=100`;
    const { operations } = await stack.json<{ operations: Operation[] }>(path);
    expect(operations.filter(({ status }) => status === 'FAILED')).toEqual([]);
    for (const { socket } of [running, later, next]) socket.close();
  }, 60_000);
});
