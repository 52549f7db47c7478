import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { splice } from './splice';
import {
  type MessageSocket,
  WebSocketDuplex,
  type WebSocketDuplexOptions,
} from './web-socket-duplex';

/** A WebSocket that notes what is sent, and whose network accepts as much as the test wants. */
class ScriptedSocket extends EventEmitter implements MessageSocket {
  readonly OPEN = 1;
  readonly reportsReads = true;
  readyState = 1;
  isPaused = false;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  /** Called once the network has accepted what waits. */
  private readonly waiting: (() => void)[] = [];
  private isBusy = false;

  /** From now on the network accepts nothing. */
  block(): void {
    this.isBusy = true;
  }

  accept(): void {
    this.isBusy = false;
    this.bufferedAmount = 0;
    for (const done of this.waiting.splice(0)) done();
  }

  send(data: string | Buffer, done?: (error?: Error | null) => void): void {
    this.sent.push(data.toString('latin1'));
    if (!this.isBusy) return done && process.nextTick(done);
    this.bufferedAmount += data.length;
    if (done) this.waiting.push(done);
  }

  /** What arrives in one read of the network. */
  arrive(...messages: string[]): void {
    for (const message of messages) this.emit('message', Buffer.from(message), true);
    this.emit('read');
  }

  close(): void {
    this.readyState = 3;
    this.emit('close', 1000);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  ping(): void {
    throw new Error('Nobody pings here');
  }

  terminate(): void {
    this.close();
  }
}

const turn = (): Promise<void> => new Promise(setImmediate);

function open(options?: WebSocketDuplexOptions): {
  socket: ScriptedSocket;
  stream: WebSocketDuplex;
} {
  const socket = new ScriptedSocket();
  return { socket, stream: new WebSocketDuplex(socket, options) };
}

describe('forwarding to a WebSocket', () => {
  it('sends at once while nothing is queued', () => {
    const { socket, stream } = open();
    expect(stream.forward(Buffer.from('a'))).toBe(true);
    expect(socket.sent).toEqual(['a']);
    expect([stream.writableLength, stream.unsentBytes, stream.bytesTaken]).toEqual([0, 0, 1]);
    expect(stream.isFlushed).toBe(true);
  });

  it('keeps the order behind what is queued, and reports when there is room again', async () => {
    const { socket, stream } = open();
    socket.block();
    expect(stream.forward(Buffer.from('1'))).toBe(true);
    expect([stream.unsentBytes, stream.heldBytes, stream.isFlushed]).toEqual([1, 1, false]);
    expect(stream.forward(Buffer.from('2'))).toBe(true);
    expect(stream.forward(Buffer.alloc(128 * 1024, '3'))).toBe(false);
    expect(socket.sent).toEqual(['1', '2']);
    const drained = once(stream, 'drain');
    socket.accept();
    await drained;
    expect(stream.forward(Buffer.from('4'))).toBe(true);
    await turn();
    expect(socket.sent.join('').replace(/3+/, '3')).toBe('1234');
    expect([stream.unsentBytes, stream.isFlushed]).toEqual([0, true]);
  });

  it('keeps the order behind what was corked', () => {
    const { socket, stream } = open();
    stream.cork();
    stream.forward(Buffer.from('1'));
    stream.forward(Buffer.from('2'));
    expect(socket.sent).toEqual([]);
    stream.uncork();
    stream.forward(Buffer.from('3'));
    stream.end();
    expect(socket.sent[0]).toBe('12');
  });

  it('sends messages of the permitted length', () => {
    const { socket, stream } = open({ maxMessageBytes: 2 });
    stream.forward(Buffer.from('12345'));
    expect(socket.sent).toEqual(['12', '34', '5']);
  });

  it('fails like a write if the stream has ended or the WebSocket is closed', async () => {
    const ended = open();
    ended.stream.end();
    const cause = once(ended.stream, 'error');
    ended.stream.forward(Buffer.from('x'));
    expect(await cause).toMatchObject([{ code: 'ERR_STREAM_WRITE_AFTER_END' }]);

    const closed = open();
    closed.socket.readyState = 3;
    const failure = once(closed.stream, 'error');
    closed.stream.forward(Buffer.from('x'));
    expect(await failure).toMatchObject([{ message: 'The WebSocket is closed' }]);
    expect([...ended.socket.sent, ...closed.socket.sent]).toEqual([]);
  });
});

describe('a spliced WebSocket', () => {
  function joined(): { near: ScriptedSocket; far: ScriptedSocket; stop: AbortController } & {
    stream: WebSocketDuplex;
  } {
    const near = open();
    const far = open();
    const stop = new AbortController();
    void splice(near.stream, far.stream, { detach: stop.signal });
    return { near: near.socket, far: far.socket, stop, stream: near.stream };
  }

  it('has its bytes in the other one before the event that brought them is over', () => {
    const { near, far } = joined();
    near.arrive('a');
    expect(far.sent).toEqual(['a']);
    far.arrive('b');
    expect(near.sent).toEqual(['b']);
  });

  it('combines the messages of a read behind the first one', async () => {
    const { near, far } = joined();
    near.arrive(...Array.from({ length: 1_000 }, () => 'x'));
    await turn();
    expect(far.sent).toEqual(['x', 'x'.repeat(999)]);
    near.arrive('y');
    expect(far.sent.at(-1)).toBe('y');
  });

  it('keeps the order, whether what arrives is passed on, buffered or paused', async () => {
    const { near, far, stream } = joined();
    const expected: string[] = [];
    for (let count = 0; count < 200; count += 1) {
      if (count % 7 === 0) far.block();
      if (count % 7 === 4) far.accept();
      const messages = [`${count},`, '.'.repeat((count * 977) % 60_000)];
      if (!near.isPaused) {
        near.arrive(...messages);
        expected.push(...messages);
      }
      if (count % 3 === 0) await turn();
    }
    far.accept();
    while (stream.readableLength > 0) await turn();
    await turn();
    expect(far.sent.join('')).toBe(expected.join(''));
    expect(expected.length).toBeGreaterThan(100);
  });

  it('passes nothing on before what is buffered, not even right after it goes on', async () => {
    const { near, far, stream } = joined();
    stream.pause();
    near.arrive('1');
    stream.resume();
    near.arrive('2');
    while (far.sent.join('').length < 2) await turn();
    expect(far.sent.join('')).toBe('12');
  });

  it('stops reading while the other side accepts nothing, within the limits of both', async () => {
    const { near, far, stream } = joined();
    far.block();
    for (let count = 0; count < 100 && !near.isPaused; count += 1) {
      near.arrive('.'.repeat(64 * 1024));
      await turn();
    }
    expect(near.isPaused).toBe(true);
    expect(stream.readableLength + far.bufferedAmount).toBeLessThanOrEqual(5 * 64 * 1024);
    far.accept();
    await turn();
    await turn();
    expect([near.isPaused, stream.readableLength]).toEqual([false, 0]);
  });

  it('delivers what arrived just before the close', async () => {
    const { near, far } = joined();
    near.arrive('last ', 'words');
    near.close();
    await once(far, 'close');
    expect(far.sent.join('')).toBe('last words');
  });

  it('has listeners of data again once it is separated', async () => {
    const { near, far, stop, stream } = joined();
    stop.abort();
    const next = new PassThrough();
    stream.pipe(next);
    near.arrive('a', 'b');
    await turn();
    expect([String(next.read()), far.sent]).toEqual(['ab', []]);
  });
});
