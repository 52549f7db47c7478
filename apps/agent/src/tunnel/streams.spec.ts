import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocketDuplex } from '@remote-access/streams';
import { YAMUX_PROPOSAL, YamuxSession } from '@remote-access/yamux';
import { createWebSocketStream, type WebSocket } from 'ws';
import { accessWithPassword } from '../platform/platform-access';
import { TargetDialler } from '../targets/target-dialler';
import { RelayDialler } from './relay-dialler';
import { StreamQuota } from './stream-server';
import { Tunnel, type TunnelDependencies } from './tunnel';
import { FakeRelay, FakeTask } from './tunnel.fixture';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('many streams in a session', () => {
  let relay: FakeRelay;
  let target: TcpTarget;
  let tools: TunnelDependencies;
  let logged: [event: string, fields: Record<string, unknown>][];
  let run: Promise<void>;

  beforeEach(async () => {
    relay = await FakeRelay.start();
    target = await tcpTarget();
    logged = [];
    tools = {
      relays: new RelayDialler(
        accessWithPassword(relay.url, { user: 't1/device', password: 'pass' }),
      ),
      targets: new TargetDialler({ allow: [], deny: [] }),
      log: (event, fields = {}) => logged.push([event, { ...fields }]),
    };
  });
  afterEach(async () => {
    await relay.stop();
    await run;
    await target.stop();
  });

  const serveBy = async (serve: (socket: Socket) => void): Promise<void> => {
    await target.stop();
    target = await tcpTarget(serve);
  };

  /** The client's end of a session. */
  const arrived = async (dependencies = tools): Promise<WebSocket> => {
    const arrival = relay.arrival('key-1');
    run = new Tunnel(new FakeTask('1', target.port), dependencies).run();
    return arrival;
  };

  /** Proposes streams and removes the answer; returns what came before it. */
  const negotiated = async (
    socket: WebSocket,
  ): Promise<{ session: YamuxSession; before: Buffer }> => {
    const stream = new WebSocketDuplex(socket);
    stream.write(YAMUX_PROPOSAL);
    let got = Buffer.alloc(0);
    while (!got.includes(YAMUX_PROPOSAL)) {
      const [chunk] = (await once(stream, 'data')) as [Buffer];
      got = Buffer.concat([got, chunk]);
    }
    const at = got.indexOf(YAMUX_PROPOSAL);
    const head = got.subarray(at + YAMUX_PROPOSAL.length);
    return {
      session: new YamuxSession(stream, { role: 'client' }, head),
      before: got.subarray(0, at),
    };
  };

  it('gives each stream its own connection, and the first one the connection already open', async () => {
    const { session } = await negotiated(await arrived());
    const results = Array.from({ length: 50 }, async () => {
      const stream = session.openStream();
      const sent = randomBytes(100_000);
      stream.end(sent);
      return sha256(await buffer(stream)) === sha256(sent);
    });
    expect(new Set(await Promise.all(results))).toEqual(new Set([true]));
    expect(target.connections).toHaveLength(50);
    session.close();
    await run;
    expect(logged.at(-1)).toEqual([
      'session ended',
      expect.objectContaining({
        toTargetBytes: 5_000_000,
        fromTargetBytes: 5_000_000,
        reason: 'closed by relay',
      }),
    ]);
  });

  it('keeps what a target sends first for the first stream', async () => {
    await serveBy(socket => {
      socket.write('SSH-2.0-server\r\n');
      socket.on('data', chunk => socket.end(chunk));
    });
    const socket = await arrived();
    await once(socket, 'message', { signal: AbortSignal.timeout(20_000) }).then(([data]) => {
      expect(String(data)).toBe('SSH-2.0-server\r\n');
    });
    const { session } = await negotiated(socket);
    const [first, second] = [session.openStream(), session.openStream()];
    first.end('one');
    second.end('two');
    expect((await buffer(first)).toString()).toBe('one');
    expect((await buffer(second)).toString()).toBe('SSH-2.0-server\r\ntwo');
    session.close();
    await run;
    expect(logged.at(-1)?.[1]).toMatchObject({ reason: 'closed by relay' });
  });

  it('resets a stream whose target refuses, logs the reason, and continues', async () => {
    const { session } = await negotiated(await arrived());
    const first = session.openStream();
    first.write('x');
    await once(first, 'data');
    const { port } = target;
    await target.stop();
    const second = session.openStream();
    await new Promise(resolve => second.once('close', resolve));
    expect(second.errored?.message).toMatch(/reset/);
    expect(logged).toContainEqual([
      'connection failed',
      {
        operation: '1',
        target: `127.0.0.1:${port}`,
        reason: `connection refused by 127.0.0.1:${port}`,
      },
    ]);
    expect(session.isOpen).toBe(true);
  });

  it('opens no more connections than the limit of all sessions (security)', async () => {
    const streams = new StreamQuota(3);
    const { session } = await negotiated(await arrived({ ...tools, streams }));
    const opened = Array.from({ length: 5 }, () => {
      const stream = session.openStream();
      stream.write('x');
      return stream;
    });
    await waitUntil('two are refused', () => opened.filter(({ closed }) => closed).length === 2);
    await waitUntil('the others are connected', () => target.connections.length === 3);
    for (const stream of opened) stream.end();
    for (const stream of opened) stream.resume();
    await waitUntil('all have ended', () => session.streamCount === 0);
    const next = session.openStream();
    next.end('again');
    expect((await buffer(next)).toString()).toBe('again');
  });

  it('ends all connections with the session', async () => {
    const { session } = await negotiated(await arrived());
    const stream = session.openStream();
    session.openStream().write('x');
    stream.write('x');
    await once(stream, 'data');
    await waitUntil('both are connected', () => target.connections.length === 2);
    await relay.stop();
    await run;
    await waitUntil('both are closed', () =>
      target.connections.every(({ destroyed, readableEnded }) => destroyed || readableEnded),
    );
    relay = await FakeRelay.start();
  });

  describe('bytes that are not a proposal pass unchanged', () => {
    it.each([
      ['a part, and the end of patience', YAMUX_PROPOSAL.subarray(0, 20)],
      ['another protocol', Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n')],
      ['the same beginning', Buffer.from('\x13/multistream')],
      ['a proposal that is not first', Buffer.concat([Buffer.from('x'), YAMUX_PROPOSAL])],
    ])('%s', async (_what, bytes) => {
      const client: Duplex = createWebSocketStream(await arrived());
      client.on('error', () => undefined);
      for (const byte of bytes) client.write(Buffer.from([byte]));
      let got = Buffer.alloc(0);
      while (got.length < bytes.length) {
        const [chunk] = (await once(client, 'data')) as [Buffer];
        got = Buffer.concat([got, chunk]);
      }
      expect(got).toEqual(bytes);
      client.destroy();
    });

    it('the beginning of a proposal, if the client ends there', async () => {
      const chunks: Buffer[] = [];
      const ended = new Promise<void>(resolve => {
        void serveBy(socket => {
          socket.on('data', chunk => chunks.push(chunk));
          socket.on('end', () => resolve(void socket.end()));
        }).then(async () => {
          const client = await arrived();
          client.send(YAMUX_PROPOSAL.subarray(0, 5));
          client.close();
        });
      });
      await ended;
      expect(Buffer.concat(chunks)).toEqual(YAMUX_PROPOSAL.subarray(0, 5));
    });
  });

  it('accepts a proposal that arrives byte by byte', async () => {
    const socket = await arrived();
    for (const byte of YAMUX_PROPOSAL.subarray(0, 33)) socket.send(Buffer.from([byte]));
    const stream = new WebSocketDuplex(socket);
    stream.write(YAMUX_PROPOSAL.subarray(33));
    const [answer] = (await once(stream, 'data')) as [Buffer];
    expect(answer).toEqual(YAMUX_PROPOSAL);
    stream.destroy();
  });
});
