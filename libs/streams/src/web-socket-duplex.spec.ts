import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { TextFrameError, WebSocketDuplex } from './web-socket-duplex';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('WebSocketDuplex', () => {
  let server: WebSocketServer;
  let near: WebSocket;
  let far: WebSocket;

  beforeEach(async () => {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[WebSocket]>;
    near = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    [far] = await accepted;
    if (near.readyState !== near.OPEN) await once(near, 'open');
  });
  afterEach(async () => {
    near.terminate();
    far.terminate();
    await new Promise(resolve => server.close(resolve));
  });

  it('reads messages as one byte stream, regardless of their boundaries', async () => {
    const stream = new WebSocketDuplex(far);
    const sent = randomBytes(1_000_000);
    for (let at = 0, size = 1; at < sent.length; at += size, size = (size * 7) % 9_973) {
      near.send(sent.subarray(at, at + size));
    }
    near.close();
    const got: Buffer[] = [];
    for await (const chunk of stream) got.push(chunk as Buffer);
    expect(sha256(Buffer.concat(got))).toBe(sha256(sent));
  });

  it('sends what was written before the end, then closes with the given code', async () => {
    const stream = new WebSocketDuplex(far, {
      closeCode: () => ({ code: 4504, reason: 'gateway offline' }),
    });
    const sent = randomBytes(1_000_000);
    const got: Buffer[] = [];
    near.on('message', data => got.push(data as Buffer));
    stream.end(sent);
    const [code, reason] = (await once(near, 'close')) as [number, Buffer];
    expect(sha256(Buffer.concat(got))).toBe(sha256(sent));
    expect([code, reason.toString()]).toEqual([4504, 'gateway offline']);
  });

  it('counts what it receives, and remembers how it was closed', async () => {
    const stream = new WebSocketDuplex(far, { onText: () => undefined });
    expect([stream.bytesIn, stream.messagesIn, stream.closedWith]).toEqual([0, 0, undefined]);
    near.send('text');
    near.send(Buffer.alloc(0));
    near.send(Buffer.alloc(300));
    near.close(4_000);
    await once(far, 'close');
    expect([stream.bytesIn, stream.messagesIn, stream.closedWith]).toEqual([300, 3, 4_000]);
  });

  it('combines queued small writes into one message', async () => {
    const stream = new WebSocketDuplex(far);
    let messages = 0;
    let bytes = 0;
    near.on('message', (data: Buffer) => {
      messages += 1;
      bytes += data.length;
    });
    for (let i = 0; i < 1_000; i += 1) stream.write('x');
    stream.end();
    await once(near, 'close');
    expect(bytes).toBe(1_000);
    expect(messages).toBeLessThan(10);
  });

  it('pauses the socket while nobody reads', async () => {
    const stream = new WebSocketDuplex(far, { readAheadBytes: 1024 });
    for (let i = 0; i < 64; i += 1) near.send(Buffer.alloc(64 * 1024));
    while (!far.isPaused) await new Promise(resolve => setImmediate(resolve));
    expect(stream.readableLength).toBeLessThan(256 * 1024);
    let bytes = 0;
    near.close();
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(64 * 64 * 1024);
  });

  it('fails on a text frame where only binary ones are allowed', async () => {
    const stream = new WebSocketDuplex(far);
    const failed = once(stream, 'error');
    near.send('## Shutdown ##');
    expect((await failed)[0]).toBeInstanceOf(TextFrameError);
  });

  it('hands over text frames if they are expected', async () => {
    const texts: string[] = [];
    const stream = new WebSocketDuplex(far, { onText: text => texts.push(text) });
    near.send('{"type":"resize"}');
    near.send(Buffer.from('after'));
    await once(stream, 'readable');
    expect(texts).toEqual(['{"type":"resize"}']);
    stream.destroy();
    await once(near, 'close');
  });

  it('security: a flood of text frames pauses the socket, which then continues', async () => {
    let texts = 0;
    const stream = new WebSocketDuplex(far, { onText: () => (texts += 1) });
    const paused = new Promise<void>(resolve => {
      jest.spyOn(far, 'pause').mockImplementationOnce(() => {
        WebSocket.prototype.pause.call(far);
        resolve();
      });
    });
    for (let i = 0; i < 5_000; i += 1) near.send('{"type":"break"}');
    await paused;
    near.send(Buffer.from('after'));
    stream.read();
    expect(far.isPaused).toBe(true);
    await once(stream, 'readable');
    while (texts < 5_000) await new Promise(resolve => setImmediate(resolve));
    expect(String(stream.read())).toBe('after');
    stream.destroy();
    await once(near, 'close');
  });

  it('security: thousands of texts in one read let other work run in between', async () => {
    let inTurn = 0;
    let most = 0;
    let texts = 0;
    const stream = new WebSocketDuplex(far, {
      onText: () => {
        if (inTurn === 0) setImmediate(() => (inTurn = 0));
        inTurn += 1;
        texts += 1;
        most = Math.max(most, inTurn);
      },
    });
    for (let i = 0; i < 400; i += 1) near.send('{"type":"break"}');
    near.send(Buffer.from('after'));
    await once(stream, 'readable');
    while (texts < 400) await new Promise(resolve => setImmediate(resolve));
    // A turn of the test may see the end of one and the beginning of the next.
    expect(most).toBeLessThanOrEqual(64);
    expect(String(stream.read())).toBe('after');
    stream.destroy();
    await once(near, 'close');
  });

  it('ends for its reader when the peer vanishes without a close frame', async () => {
    const stream = new WebSocketDuplex(far);
    near.send('bytes', { binary: true });
    await once(stream, 'readable');
    near.terminate();
    const got: Buffer[] = [];
    for await (const chunk of stream) got.push(chunk as Buffer);
    expect(Buffer.concat(got).toString()).toBe('bytes');
  });

  it('joins the messages of one read, before texts and the end', async () => {
    const events: string[] = [];
    const stream = new WebSocketDuplex(far, { onText: text => events.push(text) });
    const transport = (near as unknown as { _socket: Socket })._socket;
    transport.cork();
    for (let count = 0; count < 1_000; count += 1) near.send(Buffer.from('a'));
    near.send('text');
    for (let count = 0; count < 1_000; count += 1) near.send(Buffer.from('b'));
    near.close();
    transport.uncork();
    const chunks: string[] = [];
    for await (const chunk of stream) chunks.push(String(chunk));
    expect(chunks.join('')).toBe('a'.repeat(1_000) + 'b'.repeat(1_000));
    // 14 KB arrive in a few reads, not in 2,000.
    expect(chunks.length).toBeLessThan(20);
    expect([events, stream.bytesIn, stream.messagesIn]).toEqual([['text'], 2_000, 2_001]);
  });

  it('splits what it sends into messages of a limited size', async () => {
    const stream = new WebSocketDuplex(far, { maxMessageBytes: 1_000 });
    const sizes: number[] = [];
    const got: Buffer[] = [];
    near.on('message', (data: Buffer) => {
      sizes.push(data.length);
      got.push(data);
    });
    const sent = randomBytes(2_500);
    stream.write(sent.subarray(0, 500));
    stream.write(sent.subarray(500, 501));
    stream.end(sent.subarray(501));
    await once(near, 'close');
    expect(Math.max(...sizes)).toBe(1_000);
    expect(Buffer.concat(got)).toEqual(sent);
  });

  it('sends large writes that waited without copying them together', () => {
    const messages: Buffer[][] = [];
    const sendPieces = (pieces: readonly Buffer[], done?: () => void): void => {
      messages.push([...pieces]);
      done?.();
    };
    const send = (piece: Buffer, done?: () => void): void => sendPieces([piece], done);
    const stream = new WebSocketDuplex(Object.assign(far, { send, sendPieces }), {
      maxMessageBytes: 16_000,
    });
    const writes = [12, 20_000, 3_000].map(size => randomBytes(size));
    stream.cork();
    for (const bytes of writes) stream.write(bytes);
    stream.uncork();
    const sizes = messages.map(pieces => pieces.map(({ length }) => length));
    expect(sizes).toEqual([
      [12, 15_988],
      [4_012, 3_000],
    ]);
    expect(Buffer.concat(messages.flat())).toEqual(Buffer.concat(writes));
    expect(messages[0]![1]!.buffer).toBe(writes[1]!.buffer);
    expect(stream.bytesTaken).toBe(23_012);
  });

  describe('on a socket that reports what it holds', () => {
    /** A frame with a mask of zeroes. */
    const frame = (opcode: number, payload: Buffer): Buffer => {
      const head = Buffer.from([opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
      return Buffer.concat([head, Buffer.alloc(4), payload]);
    };
    const WHOLE = 0x82;

    let transport: Socket;
    let peer: Socket;
    let stream: WebSocketDuplex;
    beforeEach(() => {
      transport = (far as unknown as { _socket: Socket })._socket;
      peer = (near as unknown as { _socket: Socket })._socket;
      stream = new WebSocketDuplex(far);
      transport.on('data', () => far.emit('read'));
    });

    const received = async (bytes: number, ...frames: Buffer[]): Promise<void> => {
      const target = transport.bytesRead + bytes;
      peer.write(Buffer.concat(frames));
      while (transport.bytesRead < target) await once(transport, 'data');
      await new Promise(setImmediate);
    };

    it('holds the incomplete message and unread bytes, and nothing once they are read', async () => {
      Object.assign(far, { unfinishedBytes: 70_000 });
      expect([stream.unfinishedBytes, stream.heldBytes]).toEqual([70_000, 70_000]);
      const message = frame(WHOLE, Buffer.alloc(1_000));
      await received(message.length, message);
      expect(stream.heldBytes).toBeGreaterThanOrEqual(71_000);
      Object.assign(far, { unfinishedBytes: 0 });
      stream.resume();
      await new Promise(setImmediate);
      expect(stream.heldBytes).toBe(0);
    });

    it('is notified when something was received or sent', async () => {
      const held: number[] = [];
      stream.watchHeldBytes({ heldBytesChanged: () => held.push(stream.heldBytes) });
      const message = frame(WHOLE, Buffer.alloc(10_000));
      await received(message.length, message);
      expect(held.at(-1)).toBeGreaterThanOrEqual(10_000);
      stream.resume();
      stream.write('x');
      await once(near, 'message');
      expect(held.at(-1)).toBe(0);
    });

    it('reads nothing while it is held, however much the reader wants', async () => {
      stream.resume();
      stream.setHeld(true);
      near.send(Buffer.alloc(1_000));
      near.ping();
      stream.write('x');
      await once(near, 'message');
      await new Promise(setImmediate);
      expect(stream.bytesIn).toBe(0);
      stream.setHeld(false);
      await once(stream, 'data');
      expect(stream.bytesIn).toBe(1_000);
    });

    it('counts the memory of many small chunks, and stops reading them', async () => {
      const tiny = frame(WHOLE, Buffer.alloc(1));
      for (let count = 0; count < 1_000 && !far.isPaused; count += 1) {
        await received(tiny.length, tiny);
      }
      expect(far.isPaused).toBe(true);
      expect(stream.readableLength).toBeLessThan(300);
      stream.resume();
      await new Promise(setImmediate);
      expect(far.isPaused).toBe(false);
      expect(stream.heldBytes).toBe(0);
    });
  });
});
