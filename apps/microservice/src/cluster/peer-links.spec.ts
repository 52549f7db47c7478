import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Secret } from '@remote-access/settings';
import { closedPort, waitUntil } from '@remote-access/testkit';
import type { Log } from '../logging/log';
import { MemoryBudget, memoryLimits } from '../memory/memory-budget';
import type { ForwardedSocket } from './cluster';
import { ClusterKeys } from './cluster-keys';
import type { ReplicaAddress } from './membership';
import { PeerLinks } from './peer-links';
import { PeerServer } from './peer-server';
import { makeIdentity } from './replica-identity';
import { STREAM_WINDOW_BYTES, type StreamSocket, UNREAD_BYTES } from './stream-socket';

const MEBIBYTE = 1024 * 1024;
const ACCOUNT = { tenant: 'management', user: 'service', password: new Secret('password') };
const LOG = { warn: () => undefined, error: () => undefined } as unknown as Log;
const { authority } = new ClusterKeys(ACCOUNT);

let server: PeerServer;
let links: PeerLinks;
let peer: ReplicaAddress;
/** Of the replica that forwards and of the one that receives. */
let memories: readonly [near: MemoryBudget, far: MemoryBudget];
/** What arrived at the other replica. */
let arrived: ForwardedSocket[];

const budget = (bytes = 512 * MEBIBYTE): MemoryBudget =>
  new MemoryBudget(memoryLimits(2 * bytes, true));

/** What is in use once everything else is collected. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

beforeEach(() => start());
async function start(memory = budget()): Promise<void> {
  arrived = [];
  memories = [budget(), memory];
  server = new PeerServer(await makeIdentity('two', authority), LOG, memory);
  server.serveWith({
    connected: socket => arrived.push(socket),
    answer: (topic, question) => Promise.resolve({ topic, question }),
  });
  peer = { id: 'two', host: '127.0.0.1', port: await server.listen('127.0.0.1', 0) };
  const find = (id: string): ReplicaAddress | undefined => (id === peer.id ? peer : undefined);
  links = new PeerLinks(await makeIdentity('one', authority), { find }, memories[0]);
}
afterEach(() => stop());
async function stop(): Promise<void> {
  links.stop();
  await server.stop();
}

describe('another replica', () => {
  it('answers if it is the process with that id', async () => {
    expect(await links.answers(peer)).toBe(true);
    expect(await links.answers({ ...peer, id: 'three' })).toBe(false);
    expect(await links.answers({ ...peer, id: 'four', port: await closedPort() })).toBe(false);
  });

  it('does not answer if it only accepts the connection', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    expect(await links.answers({ id: 'five', host: '127.0.0.1', port })).toBe(false);
    silent.close();
  });

  it('does not answer any more once it has stopped', async () => {
    expect(await links.answers(peer)).toBe(true);
    await server.stop();
    expect(await links.answers(peer)).toBe(false);
    server = new PeerServer(await makeIdentity('two', authority), LOG, budget());
    await server.listen('127.0.0.1', 0);
  });
});

it('a forwarded caller is refused soon if the other replica no longer answers', async () => {
  const sockets: Socket[] = [];
  let isSilent = false;
  const network = createServer(near => {
    const far = connect(peer.port, '127.0.0.1');
    sockets.push(near, far);
    near.on('data', chunk => isSilent || far.write(chunk));
    far.on('data', chunk => isSilent || near.write(chunk));
    for (const socket of [near, far]) socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(network, 'listening');
  const { port } = network.address() as AddressInfo;
  const distant = new PeerLinks(
    await makeIdentity('one', authority),
    { find: () => ({ ...peer, port }) },
    memories[0],
  );
  (await distant.forward('two', '10.0.0.1')).destroy();
  isSilent = true;
  const calledAt = performance.now();
  await expect(distant.forward('two', '10.0.0.1')).rejects.toMatchObject({
    code: 'cluster-unavailable',
  });
  // c8ylp gives up after ten.
  expect(performance.now() - calledAt).toBeLessThan(9_000);
  distant.stop();
  for (const socket of sockets) socket.destroy();
  network.close();
});

it('many sessions whose readers have stopped block no question and no further session', async () => {
  const stopped: Duplex[] = [];
  for (let count = 0; count < 200; count += 1) {
    const socket = await links.forward('two', '10.0.0.1');
    // More than the window of a stream and what the sender buffers.
    while (socket.write(Buffer.alloc(64 * 1024)));
    stopped.push(socket);
  }
  await waitUntil('all have arrived', () => arrived.length === 200);
  expect(await links.answers(peer)).toBe(true);
  expect(await links.ask('two', 'topic', 'question', 5_000)).toEqual({
    topic: 'topic',
    question: 'question',
  });
  const next = await links.forward('two', '10.0.0.1');
  next.write('hello');
  await waitUntil('it has arrived', () => arrived.length === 201);
  const [chunk] = (await once(arrived[200]!, 'data')) as [Buffer];
  expect(chunk.toString()).toBe('hello');
  for (const socket of [...stopped, next]) socket.destroy();
});

describe('bytes that nobody reads (security)', () => {
  /** Sends as much as the other end takes, and says what has been sent. */
  function flood(socket: Duplex): () => number {
    const fill = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(16 * 1024)));
    };
    socket.on('drain', fill).on('error', () => undefined);
    fill();
    return () => (socket as StreamSocket).bytesWritten - socket.writableLength;
  }

  /** Reads one chunk and stops; each time it reads on, it makes room in the window again. */
  function readerOf(socket: Duplex): { bytes: number; readMore: () => void } {
    let left = 1;
    const readMore = (): void => {
      left = 1.5 * STREAM_WINDOW_BYTES;
      socket.resume();
    };
    const reader = { bytes: 0, readMore };
    socket.on('data', (chunk: Buffer) => {
      reader.bytes += chunk.length;
      left -= chunk.length;
      if (left <= 0) socket.pause();
    });
    socket.on('error', () => undefined);
    return reader;
  }

  async function stands(count: () => number): Promise<void> {
    let [seen, since] = [-1, performance.now()];
    await waitUntil('everything stands', () => {
      if (count() !== seen) [seen, since] = [count(), performance.now()];
      return performance.now() - since > 300;
    });
  }

  const total = (counts: readonly (() => number)[]): number =>
    counts.reduce((sum, count) => sum + count(), 0);

  it.each([
    ['at the replica that receives', 1],
    ['at the replica that forwards', 0],
  ] as const)('take no more memory if they arrive one by one, %s', async (_where, index) => {
    const near: Duplex[] = [];
    for (let count = 0; count < 64; count += 1) near.push(await links.forward('two', '10.0.0.1'));
    await waitUntil('all have arrived', () => arrived.length === near.length);
    const [senders, receivers] = index === 1 ? [near, arrived] : [arrived, near];
    for (const socket of [...near, ...arrived]) socket.on('error', () => undefined);
    for (const socket of receivers) socket.on('data', () => undefined).pause();
    const sent = randomBytes(2_048);
    const before = usedBytes();
    for (const byte of sent) {
      // Each becomes a frame of its own.
      await Promise.all(
        senders.map(socket => new Promise(done => socket.write(Buffer.of(byte), done))),
      );
    }
    const memory = memories[index];
    await waitUntil('all have stopped', () => memory.usedBytes === near.length * UNREAD_BYTES);
    expect(usedBytes() - before).toBeLessThan(4 * MEBIBYTE);
    for (const socket of receivers) {
      let received = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk]))).resume();
      await waitUntil('all bytes', () => received.length === sent.length);
      expect(received.equals(sent)).toBe(true);
    }
    for (const socket of near) socket.destroy();
  });

  it.each([
    ['at the replica that receives', 1],
    ['at the replica that forwards', 0],
  ] as const)('are reserved %s', async (_where, index) => {
    const near: Duplex[] = [];
    for (let count = 0; count < 20; count += 1) near.push(await links.forward('two', '10.0.0.1'));
    await waitUntil('all have arrived', () => arrived.length === near.length);
    const [senders, receivers] = index === 1 ? [near, arrived] : [arrived, near];
    const readers = receivers.map(readerOf);
    const sent = senders.map(flood);
    const memory = memories[index];
    const held = (): number => total(sent) - readers.reduce((sum, { bytes }) => sum + bytes, 0);
    for (let round = 0; round < 5; round += 1) {
      await stands(() => total(sent));
      expect(held()).toBeGreaterThan(15 * STREAM_WINDOW_BYTES);
      expect(held()).toBeLessThanOrEqual(memory.usedBytes);
      for (const { readMore } of readers) readMore();
    }
    for (const socket of [...near, ...arrived]) socket.destroy();
    await waitUntil('nothing is reserved', () => memory.usedBytes === 0);
  });

  it('end their connection if there is no memory for them, and no other one', async () => {
    await stop();
    await start(budget(3 * UNREAD_BYTES));
    const working = await links.forward('two', '10.0.0.1');
    await waitUntil('it has arrived', () => arrived.length === 1);
    arrived[0]!.on('data', (chunk: Buffer) => arrived[0]!.write(chunk));
    const flooding: Duplex[] = [];
    for (let count = 0; count < 10; count += 1) {
      flooding.push(await links.forward('two', '10.0.0.1'));
    }
    await waitUntil('all have arrived', () => arrived.length === 11);
    arrived.slice(1).forEach(readerOf);
    flooding.map(flood);
    await waitUntil(
      'those without memory have ended',
      () => flooding.filter(({ destroyed }) => destroyed).length === 7,
    );
    expect(memories[1].usedBytes).toBeLessThanOrEqual(3 * UNREAD_BYTES);
    working.write('still here');
    expect(String((await once(working, 'data'))[0])).toBe('still here');
    for (const socket of [working, ...flooding]) socket.destroy();
  });
});

describe('draining', () => {
  it('is over at once without sessions, or when the last one has ended', async () => {
    await links.drain(3_600_000);
    const [one, two] = [
      await links.forward('two', '10.0.0.1'),
      await links.forward('two', '10.0.0.1'),
    ];
    let isOver = false;
    const drained = links.drain(3_600_000).then(() => (isOver = true));
    one.destroy();
    await once(one, 'close');
    await waitUntil('it is no longer counted', () => links.streamCount === 1);
    expect(isOver).toBe(false);
    two.destroy();
    await drained;
  });

  it('is over after the grace period', async () => {
    const socket = await links.forward('two', '10.0.0.1');
    await links.drain(1);
    socket.destroy();
  });
});
