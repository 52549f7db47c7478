import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { chunkDone, connectReusingBuffer } from './reused-buffer';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const LARGE_BYTES = 64 * 1024;

describe('a socket that reuses its buffer', () => {
  let server: Server;
  let far: Socket;
  let near: Socket;

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const { port } = server.address() as AddressInfo;
    near = connectReusingBuffer({ host: '127.0.0.1', port, allowHalfOpen: true });
    [far] = await accepted;
  });
  afterEach(() => {
    near.destroy();
    far.destroy();
    return new Promise(resolve => server.close(resolve));
  });

  /** The memory in which each chunk of at least `minBytes` lay. */
  async function memoryOf(minBytes: number, onChunk: (chunk: Buffer) => void) {
    const memory = new Set<ArrayBufferLike>();
    let count = 0;
    near.on('data', (chunk: Buffer) => {
      if (chunk.length >= minBytes) {
        memory.add(chunk.buffer);
        count += 1;
      }
      onChunk(chunk);
    });
    far.end(randomBytes(200 * LARGE_BYTES));
    await once(near, 'end');
    return { memory, count };
  }

  it('reads all chunks that are done into the same memory', async () => {
    const { memory, count } = await memoryOf(LARGE_BYTES, chunk => chunkDone(near, chunk));
    expect(count).toBeGreaterThan(10);
    expect(memory.size).toBe(1);
  });

  it('never overwrites a chunk that is not done', async () => {
    const sent = randomBytes(200 * LARGE_BYTES);
    const kept: Buffer[] = [];
    near.on('data', (chunk: Buffer) => kept.push(chunk));
    far.end(sent);
    await once(near, 'end');
    expect(sha256(Buffer.concat(kept))).toBe(sha256(sent));
  });

  it('never overwrites what waits in the stream while an earlier chunk is done', async () => {
    const sent = randomBytes(100 * LARGE_BYTES);
    const kept: Buffer[] = [];
    let count = 0;
    near.on('data', (chunk: Buffer) => {
      count += 1;
      if (count % 2 === 0) {
        kept.push(Buffer.from(chunk));
        chunkDone(near, chunk);
        return;
      }
      kept.push(chunk);
      near.pause();
      void nextTurn().then(() => near.resume());
    });
    far.end(sent);
    await once(near, 'end');
    expect(sha256(Buffer.concat(kept))).toBe(sha256(sent));
  });

  it('copies a short chunk, so that keeping it keeps nothing else in memory', async () => {
    far.write('short');
    const [chunk] = (await once(near, 'data')) as [Buffer];
    expect(String(chunk)).toBe('short');
    expect(chunk.buffer.byteLength).toBe('short'.length);
  });

  it('holds back a sender whose bytes nobody reads', async () => {
    near.pause();
    const filled = (): boolean => far.write(randomBytes(LARGE_BYTES));
    while (filled());
    for (let turn = 0; turn < 100; turn += 1) await nextTurn();
    expect(near.readableLength).toBeLessThanOrEqual(near.readableHighWaterMark + LARGE_BYTES);
  });
});
