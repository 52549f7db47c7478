import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { YamuxSession, type YamuxStream } from '@remote-access/yamux';
import { waitUntil } from '@remote-access/testkit';
import { ForeignProgram } from './compatibility';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Our program around the library, which the Go module proxy serves. */
const SOURCES = join(__dirname, 'yamux-peer');

const PROGRAM = join(__dirname, '..', '..', '..', '.cache', 'go', 'yamux-peer');

const BUILD_TIMEOUT_MS = 300_000;

/** Longer than the first window of a stream, 256 KiB. */
const LONG_BYTES = 3_000_000;

const MANY = 50;

/**
 * The library warns about a window update that crosses the end of its stream, which both sides must
 * expect.
 */
const HARMLESS = expect.not.stringContaining('[ERR]') as string;

/** What the program reports when the session is over. */
interface PeerReport {
  readonly streams: number;
  readonly resets: number;
  readonly hasPinged: boolean;
  readonly problem: string;
  readonly log: string;
}

describe('hashicorp/yamux', () => {
  let listener: Server;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    await promisify(execFile)('go', ['build', '-trimpath', '-o', PROGRAM, '.'], { cwd: SOURCES });
    listener = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
  }, BUILD_TIMEOUT_MS);
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => listener.close());

  /** @returns our end of the connection, and what the program will report */
  async function connectPeer(
    role: 'client' | 'server',
    ...args: readonly number[]
  ): Promise<{ socket: Socket; report: Promise<PeerReport> }> {
    const { port } = listener.address() as AddressInfo;
    const child = spawn(PROGRAM, [role, String(port), ...args.map(String)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const report = text(child.stdout).then(line => JSON.parse(line) as PeerReport);
    const [socket] = (await once(listener, 'connection')) as [Socket];
    return { socket, report };
  }

  const peer = new ForeignProgram(
    'yamux of HashiCorp',
    '0.1.2',
    'the implementation in Go that the protocol is defined by, at the other end of libs/yamux',
  );

  peer.can('takes our streams, many at once, and echoes each to its end', async () => {
    const { socket, report } = await connectPeer('server');
    const session = new YamuxSession(socket, { role: 'client' });
    const same = await Promise.all(
      Array.from({ length: MANY }, async (_, index) => {
        const sent = randomBytes(index % 10 === 0 ? LONG_BYTES : 1 + index * 999);
        const stream = session.openStream();
        stream.end(sent);
        return sha256(await buffer(stream)) === sha256(sent);
      }),
    );
    expect(same).toEqual(Array(MANY).fill(true));
    await waitUntil('all streams are over', () => session.streamCount === 0);
    session.close();
    expect(await report).toMatchObject({ streams: MANY, resets: 0, problem: '', log: HARMLESS });
    expect(await session.over).toBeUndefined();
    return `${MANY} streams`;
  });

  peer.can('keeps its session when we reset a stream', async () => {
    const { socket, report } = await connectPeer('server');
    const session = new YamuxSession(socket, { role: 'client' });
    const gone = session.openStream();
    gone.write('x');
    await once(gone, 'data');
    gone.destroy();
    const next = session.openStream();
    next.end('still there');
    expect(await text(next)).toBe('still there');
    session.close();
    expect(await report).toMatchObject({ streams: 2, resets: 1, problem: '', log: HARMLESS });
    return undefined;
  });

  peer.can('opens streams to us, many at once, and gets each back to its end', async () => {
    const { socket, report } = await connectPeer('client', MANY, LONG_BYTES);
    const taken: YamuxStream[] = [];
    const session = new YamuxSession(socket, {
      role: 'server',
      onStream: stream => {
        taken.push(stream);
        stream.pipe(stream);
      },
    });
    expect(await report).toMatchObject({
      streams: MANY,
      hasPinged: true,
      problem: '',
      log: HARMLESS,
    });
    expect(await session.over).toBeUndefined();
    expect(taken).toHaveLength(MANY);
    return `${MANY} streams of ${LONG_BYTES / 1e6} MB`;
  });

  peer.can('waits for a reader of ours that is slower than it is', async () => {
    const { socket, report } = await connectPeer('client', 1, LONG_BYTES);
    let slow: YamuxStream | undefined;
    const session = new YamuxSession(socket, { role: 'server', onStream: it => (slow = it) });
    await waitUntil('the window is full', () => (slow?.readableLength ?? 0) >= 256 * 1024);
    expect(slow!.readableLength).toBe(256 * 1024);
    slow!.pipe(slow!);
    expect(await report).toMatchObject({ streams: 1, problem: '', log: HARMLESS });
    expect(await session.over).toBeUndefined();
    return undefined;
  });

  peer.can('is told that a stream is refused, and keeps the session', async () => {
    const { socket, report } = await connectPeer('client', 2, 1_000);
    const session = new YamuxSession(socket, { role: 'server' });
    expect(await report).toMatchObject({ problem: 'connection reset', log: HARMLESS });
    expect(await session.over).toBeUndefined();
    return undefined;
  });
});
