import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { encodeHeader, FLAGS, INITIAL_WINDOW_BYTES, TYPES } from './frame';
import { YamuxSession, type YamuxOptions } from './yamux-session';
import { StreamResetError, type YamuxStream } from './yamux-stream';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const opened: Socket[] = [];

/** Two ends of a TCP connection. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  for (const socket of [near, far]) opened.push(socket.on('error', () => undefined));
  return [near, far];
}

async function sessionPair(
  onStream: (stream: YamuxStream) => void,
  options: Partial<YamuxOptions> = {},
): Promise<{ client: YamuxSession; server: YamuxSession; sockets: [Socket, Socket] }> {
  const sockets = await socketPair();
  const client = new YamuxSession(sockets[0], { role: 'client' });
  const server = new YamuxSession(sockets[1], { role: 'server', onStream, ...options });
  return { client, server, sockets };
}

/** A server whose peer is played by the test. */
async function attackedServer(
  options: Partial<YamuxOptions> = {},
): Promise<{ server: YamuxSession; peer: Socket; streams: YamuxStream[] }> {
  const [peer, socket] = await socketPair();
  const streams: YamuxStream[] = [];
  const server = new YamuxSession(socket, {
    role: 'server',
    onStream: stream => streams.push(stream),
    ...options,
  });
  return { server, peer, streams };
}

const syn = (id: number): Buffer => encodeHeader(TYPES.windowUpdate, FLAGS.syn, id, 0);

/** Resolves when the peer has received this many bytes. */
async function received(peer: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const [chunk] = (await once(peer, 'data')) as [Buffer];
    chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks);
}

afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

const echo = (stream: YamuxStream): void => void stream.pipe(stream);

describe('streams', () => {
  it('carries different bytes in 100 streams at once', async () => {
    const { client } = await sessionPair(echo);
    const results = Array.from({ length: 100 }, async (_, index) => {
      const sent = randomBytes(50_000 + index * 7_000);
      const stream = client.openStream();
      stream.end(sent);
      return sha256(await buffer(stream)) === sha256(sent);
    });
    expect(new Set(await Promise.all(results))).toEqual(new Set([true]));
    expect(client.streamCount).toBe(0);
  });

  it('carries more than the window in both directions of one stream', async () => {
    const { client, server } = await sessionPair(echo);
    const sent = randomBytes(30_000_000);
    const stream = client.openStream();
    stream.end(sent);
    expect(sha256(await buffer(stream))).toBe(sha256(sent));
    expect(server.streamCount).toBe(0);
  });

  it('forwards the end of one direction, and leaves the other open', async () => {
    const { client } = await sessionPair(stream => {
      stream.resume();
      stream.once('end', () => stream.end('last words'));
    });
    const stream = client.openStream();
    stream.end('question');
    expect((await buffer(stream)).toString()).toBe('last words');
  });

  it('reports a reset at both ends', async () => {
    const { client } = await sessionPair(accepted => void accepted.destroy());
    const stream = client.openStream();
    await once(stream, 'close').catch(() => undefined);
    expect(stream.errored).toBeInstanceOf(StreamResetError);
    expect(client.streamCount).toBe(0);
  });

  it('holds one window of a stream that nobody reads, while others continue', async () => {
    const unread: YamuxStream[] = [];
    const { client } = await sessionPair(stream => {
      if (unread.length === 0) unread.push(stream);
      else echo(stream);
    });
    const flood = client.openStream();
    const sent = randomBytes(3_000_000);
    flood.end(sent);
    const other = client.openStream();
    const bytes = randomBytes(2_000_000);
    other.end(bytes);
    expect(sha256(await buffer(other))).toBe(sha256(bytes));
    expect(unread[0]!.readableLength).toBeLessThanOrEqual(INITIAL_WINDOW_BYTES);
    expect(sha256(await buffer(unread[0]!))).toBe(sha256(sent));
  });

  it('grants no more for bytes of a frame that have not arrived yet', async () => {
    const { peer } = await attackedServer();
    peer.write(Buffer.concat([syn(1), encodeHeader(TYPES.data, 0, 1, INITIAL_WINDOW_BYTES)]));
    peer.write(Buffer.alloc(INITIAL_WINDOW_BYTES));
    peer.write(encodeHeader(TYPES.ping, FLAGS.syn, 0, 7));
    const answer = received(peer, 24);
    // The stream is accepted, the ping is answered, and no window update comes in between.
    expect(await answer).toEqual(
      Buffer.concat([
        encodeHeader(TYPES.windowUpdate, FLAGS.ack, 1, 0),
        encodeHeader(TYPES.ping, FLAGS.ack, 0, 7),
      ]),
    );
  });

  it('reads a connection that was paused, and what was read from it before', async () => {
    const [near, far] = await socketPair();
    near.write(Buffer.concat([syn(1), encodeHeader(TYPES.data, FLAGS.fin, 1, 5)]));
    const [head] = (await once(far, 'data')) as [Buffer];
    far.pause();
    near.write('bytes');
    const streams: YamuxStream[] = [];
    const onStream = (stream: YamuxStream): void => void streams.push(stream);
    const session = new YamuxSession(far, { role: 'server', onStream }, head);
    await received(near, 12);
    expect((await buffer(streams[0]!)).toString()).toBe('bytes');
    session.close();
  });

  it('is read to the last byte when the connection ends', async () => {
    const accepted: YamuxStream[] = [];
    const { client, server } = await sessionPair(stream => void accepted.push(stream));
    const sent = randomBytes(200_000);
    const stream = client.openStream();
    await new Promise<void>(resolve => stream.write(sent, () => resolve()));
    client.close();
    expect(await server.over).toBeUndefined();
    expect(sha256(await buffer(accepted[0]!))).toBe(sha256(sent));
    expect(() => client.openStream()).toThrow('takes no more streams');
  });

  it('ends when the connection breaks', async () => {
    const { client, server, sockets } = await sessionPair(echo);
    const stream = client.openStream();
    stream.write('x');
    await once(stream, 'data');
    const closed = new Promise(resolve => stream.once('close', resolve));
    sockets[0].resetAndDestroy();
    await Promise.all([client.over, server.over, closed]);
    expect([client.streamCount, server.streamCount]).toEqual([0, 0]);
  });
});

describe('attacks (security)', () => {
  it.each<[string, Buffer[]]>([
    ['more than the window', [syn(1), encodeHeader(TYPES.data, 0, 1, INITIAL_WINDOW_BYTES + 1)]],
    [
      'bytes behind the end',
      [syn(1), encodeHeader(TYPES.data, FLAGS.fin, 1, 0), encodeHeader(TYPES.data, 0, 1, 1)],
    ],
    ['a stream twice', [syn(1), syn(1)]],
    ['a stream with an id of ours', [syn(2)]],
    ['stream 0', [syn(0)]],
    ['a window beyond all numbers', [syn(1), encodeHeader(TYPES.windowUpdate, 0, 1, 0xffff_ffff)]],
    ['another version', [Buffer.alloc(12, 1)]],
    ['an unknown type', [encodeHeader(7, 0, 1, 0)]],
  ])('ends the session of a peer that sends %s', async (_what, frames) => {
    const { server, peer } = await attackedServer();
    const rest = buffer(peer);
    peer.write(Buffer.concat(frames));
    expect(await server.over).toHaveProperty('name', 'YamuxError');
    expect((await rest).subarray(-12)).toEqual(encodeHeader(TYPES.goAway, 0, 0, 1));
  });

  it('drops frames of streams that do not exist, and continues', async () => {
    const { server, peer, streams } = await attackedServer();
    const frame = Buffer.concat([encodeHeader(TYPES.data, 0, 77, 1_000), randomBytes(1_000)]);
    for (let count = 0; count < 5_000; count += 1) peer.write(frame);
    peer.write(encodeHeader(TYPES.windowUpdate, 0, 79, 1_000));
    peer.write(
      Buffer.concat([syn(1), encodeHeader(TYPES.data, FLAGS.fin, 1, 2), Buffer.from('ok')]),
    );
    await received(peer, 12);
    expect((await buffer(streams[0]!)).toString()).toBe('ok');
    expect(server.isOpen).toBe(true);
  });

  it('accepts its number of streams out of 100,000, and continues', async () => {
    const { server, peer, streams } = await attackedServer({ maxStreams: 10 });
    const answers = received(peer, 100_000 * 12);
    peer.write(Buffer.concat(Array.from({ length: 100_000 }, (_, index) => syn(index * 2 + 1))));
    const frames = await answers;
    let resets = 0;
    for (let at = 0; at < frames.length; at += 12) {
      if (frames.readUInt16BE(at + 2) === FLAGS.rst) resets += 1;
    }
    expect([streams.length, resets, server.streamCount]).toEqual([10, 99_990, 10]);
    expect(server.isOpen).toBe(true);
  });

  it('opens and ends 100,000 streams sequentially', async () => {
    const { server, peer } = await attackedServer({ onStream: echo });
    let bytes = 0;
    peer.on('data', chunk => (bytes += chunk.length));
    for (let round = 0; round < 1_000; round += 1) {
      const frames = Array.from({ length: 100 }, (_, index) => {
        const id = (round * 100 + index) * 2 + 1;
        return Buffer.concat([syn(id), encodeHeader(TYPES.data, FLAGS.fin, id, 0)]);
      });
      peer.write(Buffer.concat(frames));
      // An ACK and a FIN for each.
      while (bytes < (round + 1) * 100 * 24) await new Promise(setImmediate);
    }
    expect([server.streamCount, server.isOpen]).toEqual([0, true]);
  });

  it('answers the latest ping of a flood', async () => {
    const { peer } = await attackedServer();
    const pings = Array.from({ length: 50_000 }, (_, value) =>
      encodeHeader(TYPES.ping, FLAGS.syn, 0, value),
    );
    let last = -1;
    peer.on('data', (chunk: Buffer) => (last = chunk.readUInt32BE(chunk.length - 4)));
    peer.write(Buffer.concat(pings));
    while (last !== 49_999) await new Promise(setImmediate);
  });

  it('ends the session of a peer that floods it with streams and reads no answer', async () => {
    const { server, peer } = await attackedServer({ maxStreams: 1 });
    peer.pause();
    let id = 1;
    const flood = (): void => {
      while (!peer.destroyed) {
        const frames = Array.from({ length: 5_000 }, () => syn((id += 2)));
        if (!peer.write(Buffer.concat(frames))) return;
      }
    };
    peer.on('drain', flood);
    flood();
    expect(await server.over).toHaveProperty('message', expect.stringContaining('does not read'));
  });
});
