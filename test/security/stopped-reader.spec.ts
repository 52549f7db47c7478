import { createHash, randomBytes, type Hash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SUBPROTOCOLS } from '@remote-access/contracts';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { SeparateStack } from '../fixtures/separate-stack';

const TOTAL_BYTES = 256 * 1024 * 1024;

/** Growth of a process after the session opened: its own buffers and uncollected garbage. */
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;

/** Just under the 64 KiB that one read returns, and odd, so that boundaries never line up. */
const CHUNK_BYTES = 65_521;

let stack: SeparateStack;
let target: TcpTarget;
let far: Socket | undefined;
let endpointId: string;
let pump: NodeJS.Timeout | undefined;

afterEach(() => clearInterval(pump));

beforeAll(async () => {
  [stack, target] = await Promise.all([
    SeparateStack.start(),
    tcpTarget(socket => {
      far = socket;
      socket.pause();
    }),
  ]);
  const place = { hostname: '127.0.0.1', port: target.port };
  const { id } = await stack.addEndpoint({ name: 'Flood', ...place, protocol: 'PASSTHROUGH' });
  endpointId = id;
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await target.stop();
}, 20_000);

async function client(subprotocol: string[]): Promise<WebSocket> {
  far = undefined;
  const url = await stack.ticketUrl(endpointId);
  const socket = new WebSocket(url, subprotocol, { perMessageDeflate: false });
  await once(socket, 'open');
  await waitUntil('the endpoint is connected', () => far !== undefined);
  return socket;
}

/** A random stream, generated while it is sent. */
function* flood(hash: Hash): Generator<Buffer> {
  const noise = randomBytes(CHUNK_BYTES);
  for (let left = TOTAL_BYTES, turn = 0; left > 0; left -= CHUNK_BYTES, turn += 1) {
    noise.writeUInt32BE(turn);
    const chunk = Buffer.from(noise.subarray(0, Math.min(CHUNK_BYTES, left)));
    hash.update(chunk);
    yield chunk;
  }
}

/** Waits until the count stops changing: every hop has stopped reading. */
async function stands(count: () => number): Promise<void> {
  let seen = -1;
  let since = performance.now();
  await waitUntil('everything stands', () => {
    if (count() !== seen) {
      seen = count();
      since = performance.now();
    }
    return performance.now() - since > 500;
  });
}

interface Memory {
  readonly service: number;
  readonly agent: number;
}

const memory = (): Memory => ({
  service: stack.microservice.residentBytes,
  agent: stack.agent.residentBytes,
});

function expectBounded(before: Memory): void {
  const now = memory();
  expect(now.service - before.service).toBeLessThan(MAX_GROWTH_BYTES);
  expect(now.agent - before.agent).toBeLessThan(MAX_GROWTH_BYTES);
}

it.each([
  ['that stops reading its WebSocket', [SUBPROTOCOLS.raw]],
  ['that keeps reading but acknowledges nothing', [SUBPROTOCOLS.v1]],
])(
  'a client %s does not exhaust memory, and gets every byte later',
  async (_who, offered) => {
    const near = await client(offered);
    const acks = near.protocol === SUBPROTOCOLS.v1;
    const sent = createHash('sha256');
    const got = createHash('sha256');
    let received = 0;
    near.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) return;
      got.update(data);
      received += data.length;
      if (drawing) near.send(JSON.stringify({ type: 'ack', bytes: received }));
    });
    let drawing = false;
    if (acks) near.send(JSON.stringify({ type: 'ack', bytes: 0 }));
    else near.pause();

    const before = memory();
    const chunks = flood(sent);
    const more = (): void => {
      for (;;) {
        const { value, done } = chunks.next();
        if (done) return void far!.off('drain', more);
        if (!far!.write(value)) return;
      }
    };
    far!.on('drain', more);
    more();
    await stands(() => far!.bytesWritten - far!.writableLength + received);
    expect(far!.bytesWritten).toBeLessThan(TOTAL_BYTES / 2);
    // The window plus the bytes in flight when it closed.
    if (acks) expect(received).toBeLessThan(512 * 1024);
    expectBounded(before);

    drawing = acks;
    if (acks) near.send(JSON.stringify({ type: 'ack', bytes: received }));
    near.resume();
    await waitUntil('all of it', () => received === TOTAL_BYTES, 60_000);
    expectBounded(before);
    expect(got.digest('hex')).toBe(sent.digest('hex'));
    near.terminate();
  },
  90_000,
);

it('an endpoint that stops reading does not exhaust memory, and gets every byte later', async () => {
  const near = await client([SUBPROTOCOLS.v1]);
  const sent = createHash('sha256');
  const got = createHash('sha256');
  let received = 0;
  const before = memory();
  const chunks = flood(sent);
  let over = false;
  // Like a page, which has nothing but bufferedAmount to rely on.
  pump = setInterval(() => {
    while (!over && near.bufferedAmount < 1024 * 1024) {
      const { value, done } = chunks.next();
      over = done === true;
      if (value) near.send(value);
    }
  }, 1);
  await stands(() => near.bufferedAmount);
  expect(over).toBe(false);
  expectBounded(before);
  far!.on('data', chunk => {
    got.update(chunk);
    received += chunk.length;
  });
  far!.resume();
  await waitUntil('all of it', () => received === TOTAL_BYTES, 60_000);
  expectBounded(before);
  expect(got.digest('hex')).toBe(sent.digest('hex'));
  near.terminate();
}, 90_000);
