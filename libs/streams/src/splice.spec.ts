import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { splice } from './splice';

/** Both ends of a TCP connection on loopback. */
async function tcpPair(server: Server): Promise<[near: Socket, far: Socket]> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    allowHalfOpen: true,
  });
  const [far] = await accepted;
  if (near.connecting) await once(near, 'connect');
  return [near, far];
}

/** Reads to the end and leaves the stream open for writing. */
async function collect(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('splice', () => {
  let server: Server;
  const opened: Socket[] = [];

  const pair = async (): Promise<[Socket, Socket]> => {
    const both = await tcpPair(server);
    opened.push(...both);
    return both;
  };

  beforeAll(async () => {
    server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => opened.splice(0).forEach(socket => socket.destroy()));
  afterAll(() => new Promise(resolve => server.close(resolve)));

  it('separates the sides without losing a byte, and leaves both open', async () => {
    const [left, leftInner] = await pair();
    const [rightInner, right] = await pair();
    const detach = new AbortController();
    const parted = splice(leftInner, rightInner, { detach: detach.signal });
    left.write('before');
    expect(String(await once(right, 'data'))).toBe('before');
    detach.abort();
    const { isDetached, bytes } = await parted;
    expect([isDetached, bytes]).toEqual([true, [6, 0]]);
    left.write('after');
    right.write('back');
    expect(String(await once(leftInner.resume(), 'data'))).toBe('after');
    expect(String(await once(rightInner.resume(), 'data'))).toBe('back');
    left.destroy();
    await once(leftInner, 'end');
    expect(rightInner.destroyed || rightInner.writableEnded).toBe(false);
  });

  it('carries random bytes in both directions unchanged', async () => {
    const [left, leftInner] = await pair();
    const [rightInner, right] = await pair();
    const ended = splice(leftInner, rightInner, { endOf: 'one-way' });
    const there = randomBytes(3_000_000);
    const back = randomBytes(2_000_000);
    left.end(there);
    right.end(back);
    const [atLeft, atRight] = await Promise.all([collect(left), collect(right)]);
    expect(sha256(atRight)).toBe(sha256(there));
    expect(sha256(atLeft)).toBe(sha256(back));
    expect((await ended).bytes).toEqual([there.length, back.length]);
  });

  it('gathers a flood of small chunks and loses none of it', async () => {
    const [left, leftInner] = await pair();
    const [rightInner, right] = await pair();
    const write = jest.spyOn(rightInner, 'write');
    const ended = splice(leftInner, rightInner, { gathers: true });
    const sent = randomBytes(4_000_000);
    const arrived = collect(right);
    for (let at = 0; at < sent.length; at += 4_000) {
      left.write(sent.subarray(at, at + 4_000));
      await new Promise(setImmediate);
    }
    left.end();
    expect(sha256(await arrived)).toBe(sha256(sent));
    right.end();
    expect((await ended).bytes).toEqual([sent.length, 0]);
    expect(write.mock.calls.length).toBeLessThan(500);
  });

  it('delivers the last bytes of a side that closes immediately, then ends the other', async () => {
    const [left, leftInner] = await pair();
    const [rightInner, right] = await pair();
    const ended = splice(leftInner, rightInner, { names: ['client', 'device'] });
    const last = randomBytes(500_000);
    right.end(last);
    expect(sha256(await collect(left))).toBe(sha256(last));
    left.end();
    expect((await ended).by).toBe('device');
  });

  it('delivers what was read from the slower side when the other ends', async () => {
    const [left, leftInner] = await pair();
    const [rightInner, right] = await pair();
    const arrived = collect(right);
    const before = randomBytes(100_000);
    left.write(before);
    await once(leftInner, 'readable');
    const ended = splice(leftInner, rightInner);
    right.end();
    const got = await arrived;
    left.destroy();
    await ended;
    expect(got.length).toBeGreaterThan(0);
    expect(sha256(got)).toBe(sha256(before.subarray(0, got.length)));
  });

  it('keeps one direction open after the other has ended, if configured', async () => {
    const [left, leftInner] = await pair();
    const [rightInner, right] = await pair();
    const ended = splice(leftInner, rightInner, { endOf: 'one-way' });
    left.end('question');
    expect((await collect(right)).toString()).toBe('question');
    right.end('answer after the end of the question');
    expect((await collect(left)).toString()).toBe('answer after the end of the question');
    await ended;
  });

  it('stops reading one side while the other is full, and loses nothing', async () => {
    const [left, leftInner] = await pair();
    const [rightInner, right] = await pair();
    const ended = splice(leftInner, rightInner);
    const flood = randomBytes(32_000_000);
    left.end(flood);
    // The kernel's buffers fill first; then the splice must stop accepting bytes.
    await waitUntil(() => rightInner.writableNeedDrain);
    expect(rightInner.writableLength).toBeLessThan(2 * 64 * 1024);
    expect(sha256(await collect(right))).toBe(sha256(flood));
    right.end();
    await ended;
  });

  it('queues a limited number of small chunks for a side that accepts nothing', async () => {
    let pushed = 0;
    const tiny = new Duplex({
      read() {
        if (pushed === 100_000) return void this.push(null);
        pushed += 1;
        this.push(Buffer.from([pushed]));
      },
      write: (_chunk, _encoding, done) => done(),
    });
    let go: (() => void) | undefined;
    const got: Buffer[] = [];
    const stuck = new Duplex({
      highWaterMark: 1 << 20,
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        got.push(Buffer.from(chunk));
        if (got.length === 1) go = done;
        else done();
      },
    });
    const ended = splice(tiny, stuck, { drainTimeoutMs: 10 });
    let before = -1;
    // One read of 64 KiB is taken per turn.
    while (pushed !== before || !go) {
      before = pushed;
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    }
    expect(stuck.writableLength).toBeLessThan(500);
    go();
    await ended;
    const sent = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index + 1));
    expect(sha256(Buffer.concat(got))).toBe(sha256(sent));
  });

  it('reads no more than the quota from one side in one turn', async () => {
    const taken: number[] = [];
    let thisTurn = 0;
    const endless = new Duplex({
      read() {
        this.push(Buffer.alloc(16 * 1024));
      },
      write: (_chunk, _encoding, done) => done(),
    });
    const counter = new Duplex({
      writableHighWaterMark: 1 << 30,
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        if (thisTurn === 0) {
          setImmediate(() => {
            taken.push(thisTurn);
            thisTurn = 0;
            if (taken.length === 20) endless.destroy();
          });
        }
        thisTurn += chunk.length;
        done();
      },
    });
    await splice(endless, counter, { quotaBytes: 64 * 1024, drainTimeoutMs: 10 });
    expect(Math.max(...taken)).toBeLessThanOrEqual(64 * 1024);
  });

  it('writes the chunks of one turn in two calls, and in order', async () => {
    const source = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => done(),
    });
    const calls: string[] = [];
    const sink = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        calls.push(String(chunk));
        done();
      },
      writev(chunks, done) {
        calls.push(chunks.map(({ chunk }) => String(chunk)).join(''));
        done();
      },
    });
    const ended = splice(source, sink, { drainTimeoutMs: 10 });
    await new Promise(setImmediate);
    for (const record of 'abcd') source.push(record);
    expect(calls).toEqual(['a']);
    await waitUntil(() => calls.length > 1);
    source.push('e');
    source.push('f');
    source.push(null);
    await ended;
    expect(calls).toEqual(['a', 'bcd', 'e', 'f']);
  });

  it('slowly reads bytes that are only dropped', async () => {
    let reads = 0;
    const endless = new Duplex({
      read() {
        reads += 1;
        setImmediate(() => this.push(Buffer.alloc(64 * 1024)));
      },
      write: (_chunk, _encoding, done) => done(),
    });
    const gone = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const ended = splice(endless, gone, { drainTimeoutMs: 200 });
    gone.destroy();
    await ended;
    expect(reads).toBeLessThan(60);
  });

  it('reports which side failed and why, and ends the other', async () => {
    const [left, leftInner] = await pair();
    const [rightInner, right] = await pair();
    const ended = splice(leftInner, rightInner, { names: ['client', 'device'] });
    left.resume().on('error', () => undefined);
    right.resetAndDestroy();
    await once(left, 'end');
    left.end();
    const end = await ended;
    expect(end.by).toBe('device');
    expect((end.cause as NodeJS.ErrnoException).code).toBe('ECONNRESET');
  });

  it('gives up on a side that accepts nothing once the other has ended', async () => {
    const [left, leftInner] = await pair();
    const stuck = new Duplex({
      writableHighWaterMark: 1 << 20,
      read: () => undefined,
      write: () => undefined,
    });
    const ended = splice(leftInner, stuck, { names: ['client', 'device'], drainTimeoutMs: 20 });
    left.end('never taken');
    left.resume();
    expect((await ended).by).toBe('client');
    expect(leftInner.destroyed && stuck.destroyed).toBe(true);
  });

  it('ends at once if a side is already gone', async () => {
    const [left, leftInner] = await pair();
    const [rightInner, right] = await pair();
    leftInner.destroy();
    await once(leftInner, 'close');
    const ended = splice(leftInner, rightInner, { names: ['client', 'device'] });
    right.end();
    right.resume();
    expect((await ended).by).toBe('client');
    left.destroy();
  });
});

async function waitUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}
