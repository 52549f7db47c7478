import { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { waitUntil } from '@remote-access/testkit';
import type { SealedMessages } from '../handshake/handshake';
import { MessageStream } from './message-stream';

const TAG = Buffer.alloc(16);

/** A connection on which the server has sent `bytes` and, by default, closed. */
function connectionWith(bytes: Buffer, ends = true): Duplex {
  const connection = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
  });
  connection.push(bytes);
  if (ends) connection.push(null);
  return connection;
}

/**
 * Decrypts nothing, and notes what was opened in which turn of the event loop. A turn of its own may see the end of
 * one and the beginning of the next.
 */
class CountingCipher implements SealedMessages {
  total = 0;
  private readonly turns = new Map<number, { messages: number; bytes: number }>();
  turn = 0;
  private next = setImmediate(() => this.tick());

  get opened(): { messages: number; bytes: number }[] {
    return [...this.turns.values()];
  }

  seal(message: Uint8Array): Uint8Array {
    return message;
  }

  open(length: number, sealed: Uint8Array): Uint8Array {
    const { messages = 0, bytes = 0 } = this.turns.get(this.turn) ?? {};
    this.turns.set(this.turn, { messages: messages + 1, bytes: bytes + length });
    this.total += 1;
    return sealed.subarray(0, length);
  }

  stop(): void {
    clearImmediate(this.next);
  }

  private tick(): void {
    this.turn += 1;
    this.next = setImmediate(() => this.tick());
  }
}

let cipher: CountingCipher;
beforeEach(() => (cipher = new CountingCipher()));
afterEach(() => cipher.stop());

function message(text: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text, TAG]);
}

const EMPTY = message(Buffer.alloc(0));

async function received(connection: Duplex, cipher: SealedMessages): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const stream = new MessageStream(connection, cipher, cipher);
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('messages of RSA-AES', () => {
  it('that are empty take many turns of the event loop, and nothing after them is lost', async () => {
    const flood = Buffer.concat([Buffer.alloc(3640 * EMPTY.length), message(Buffer.from('end'))]);
    expect(await received(connectionWith(flood), cipher)).toEqual(Buffer.from('end'));
    expect(cipher.total).toBe(3641);
    expect(cipher.opened.length).toBeGreaterThan(50);
    for (const { messages } of cipher.opened) expect(messages).toBeLessThanOrEqual(2 * 32);
  });

  it('that are long count by their bytes', async () => {
    const long = message(Buffer.alloc(40_000, 7));
    const flood = Buffer.concat(Array.from({ length: 30 }, () => long));
    expect(await received(connectionWith(flood), cipher)).toHaveLength(30 * 40_000);
    for (const { bytes } of cipher.opened) expect(bytes).toBeLessThanOrEqual(4 * 40_000);
  });

  it('arriving in many chunks count together', async () => {
    const connection = connectionWith(Buffer.alloc(0), false);
    const stream = new MessageStream(connection, cipher, cipher);
    stream.resume();
    for (let piece = 0; piece < 500; piece += 1) connection.push(EMPTY);
    await waitUntil('all messages are opened', () => cipher.total === 500);
    for (const { messages } of cipher.opened) expect(messages).toBeLessThanOrEqual(2 * 32);
    stream.destroy();
  });

  it('are few if a client sends many short chunks', async () => {
    const sealed: Uint8Array[] = [];
    const connection = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => void setImmediate(done),
    });
    const outgoing: SealedMessages = {
      seal: text => sealed[sealed.push(text) - 1]!,
      open: () => undefined,
    };
    const stream = new MessageStream(connection, outgoing, cipher);
    for (let piece = 0; piece < 5_000; piece += 1) stream.write(Buffer.of(piece % 256));
    stream.end();
    await finished(connection, { readable: false });
    const expected = Buffer.from(Array.from({ length: 5_000 }, (_, at) => at % 256));
    expect(Buffer.concat(sealed)).toEqual(expected);
    expect(sealed.length).toBeLessThanOrEqual(2);
    stream.destroy();
  });

  it('of one long write take several turns', async () => {
    const turns: number[] = [];
    const outgoing: SealedMessages = {
      seal: text => {
        turns.push(cipher.turn);
        return text;
      },
      open: () => undefined,
    };
    const stream = new MessageStream(connectionWith(Buffer.alloc(0), false), outgoing, cipher);
    stream.end(Buffer.alloc(2 ** 20));
    await finished(stream, { readable: false });
    expect(turns).toHaveLength(128);
    expect(new Set(turns).size).toBeGreaterThanOrEqual(16);
    stream.destroy();
  });

  it('are left alone once the stream is destroyed', async () => {
    const stream = new MessageStream(connectionWith(Buffer.alloc(3640 * 18)), cipher, cipher);
    stream.once('readable', () => undefined);
    stream.read();
    stream.destroy();
    const before = cipher.total;
    for (let turn = 0; turn < 5; turn += 1) await new Promise(resolve => setImmediate(resolve));
    expect(cipher.total).toBe(before);
  });
});
