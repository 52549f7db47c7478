import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { waitUntil } from '@remote-access/testkit';
import { ViewOnlyStream } from './view-only-stream';

const REQUEST = Buffer.of(3, 1, 0, 0, 0, 0, 1, 0, 1, 0);
const KEY = Buffer.of(4, 1, 0, 0, 0, 0, 0, 0x66);

/** The connection to a server; `takesMore` lets it accept the next write. */
class ServerSide extends Duplex {
  readonly received: Buffer[] = [];
  takesMore: (() => void) | undefined;
  isSlow = false;

  override _read(): void {
    // The test pushes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.received.push(chunk);
    if (this.isSlow) this.takesMore = done;
    else done();
  }
}

let server: ServerSide;
let stream: ViewOnlyStream;

beforeEach(() => {
  server = new ServerSide();
  stream = new ViewOnlyStream(server);
});
afterEach(() => stream.destroy());

describe('the stream of a view-only session', () => {
  it('passes what the server sends, until the end', async () => {
    server.push('picture');
    server.push(null);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('picture');
  });

  it('passes requests and drops input', async () => {
    stream.write(Buffer.concat([KEY, REQUEST, KEY]));
    stream.write(KEY);
    stream.end(REQUEST);
    await once(server, 'finish');
    expect(Buffer.concat(server.received)).toEqual(Buffer.concat([REQUEST, REQUEST]));
  });

  it('waits for a server that does not read', async () => {
    server.isSlow = true;
    let written = 0;
    for (let at = 0; at < 3; at += 1) stream.write(REQUEST, () => (written += 1));
    await new Promise(resolve => setImmediate(resolve));
    expect({ written, received: server.received.length }).toEqual({ written: 0, received: 1 });
    server.takesMore?.();
    await waitUntil('the next request', () => server.received.length === 2);
    expect(written).toBe(1);
  });

  it('reads short messages in several turns of the event loop', async () => {
    let turns = 0;
    const tick = (): void => {
      turns += 1;
      next = setImmediate(tick);
    };
    let next = setImmediate(tick);
    const flood = Buffer.alloc(2 ** 20, KEY);
    await new Promise<void>(resolve => void stream.write(flood, () => resolve()));
    clearImmediate(next);
    expect(turns).toBeGreaterThan(50);
    stream.write(REQUEST);
    await waitUntil('the request', () => server.received.length === 1);
    expect(server.received).toEqual([REQUEST]);
  });

  it('is destroyed with the reason at an unknown message, together with the connection', async () => {
    stream.write(Buffer.of(7));
    await expect(once(stream, 'close')).rejects.toMatchObject({ code: 'view-only' });
    expect(stream.errored).toMatchObject({ code: 'view-only' });
    expect(server.destroyed).toBe(true);
  });

  it('is closed when the connection is lost', async () => {
    server.destroy();
    await once(stream, 'close');
    expect(stream.destroyed).toBe(true);
  });
});
