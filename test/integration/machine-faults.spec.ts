import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SUBPROTOCOLS } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { NodeInspector, tcpTarget, type TcpTarget, waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { SeparateStack } from '../fixtures/separate-stack';
import { GATEWAY } from '../fixtures/stack';

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

describe.each([
  ['an hour ahead', HOUR_MS],
  ['an hour back', -HOUR_MS],
])("when the machine's clock is set %s", (_way, shiftMs) => {
  let inspector: NodeInspector;
  beforeEach(async () => {
    const { microservice } = stack;
    inspector = await NodeInspector.attach(microservice.process.pid!, () => microservice.stderr);
  });
  afterEach(async () => {
    await inspector.evaluate('globalThis.Date = globalThis.RealDate ?? Date');
    await inspector.detach();
  });

  const setClock = (): Promise<unknown> =>
    inspector.evaluate(`(() => {
      const Real = (globalThis.RealDate ??= Date);
      globalThis.Date = class extends Real {
        constructor(...parts) {
          if (parts.length === 0) super(Real.now() + ${shiftMs});
          else super(...parts);
        }
        static now() {
          return Real.now() + ${shiftMs};
        }
      };
    })()`);

  it('running sessions continue, tickets stay valid, new sessions open, and no operation fails', async () => {
    const running = await open();
    await echoes(running);
    const ticket = await stack.ticketUrl(endpointId);
    await setClock();
    expect(Math.abs(Number(await inspector.evaluate('Date.now()')) - Date.now())).toBeGreaterThan(
      HOUR_MS - 60_000,
    );
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
