import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { waitUntil } from '@remote-access/testkit';
import { TelnetStream } from './telnet-stream';

const IAC = 255;
const DO = 253;
const WILL = 251;
const NOP = 241;
const ECHO = 1;
const SB = 250;
const SE = 240;
const NAWS = 31;
const TERMINAL_TYPE = 24;
const SEND = 1;

describe('the Telnet stream', () => {
  let written: number;
  let connection: Duplex;
  let stream: TelnetStream;

  /** A server that reads nothing. */
  beforeEach(() => {
    written = 0;
    connection = new Duplex({
      read: () => undefined,
      write: chunk => void (written += (chunk as Buffer).length),
    });
    stream = new TelnetStream(connection, {
      endpointName: 'Press 4',
      encoding: 'utf-8',
      size: { cols: 80, rows: 24 },
    });
    stream.on('error', () => undefined);
  });
  afterEach(() => stream.destroy());

  const receive = (bytes: number[]): boolean => connection.emit('data', Buffer.from(bytes));
  const buffered = (): number => written + connection.writableLength;

  it('security: sizes, breaks and interrupts do not accumulate for a server that does not read', () => {
    receive([IAC, DO, NAWS]);
    for (let i = 0; i < 50_000; i += 1) {
      stream.resize({ cols: 80 + (i % 100), rows: 24 });
      stream.sendBreak();
      stream.interrupt();
    }
    expect(buffered()).toBeLessThan(128 * 1024);
  });

  it('security: answers do not accumulate for a server that asks but does not read', async () => {
    receive([IAC, DO, TERMINAL_TYPE]);
    const question = [IAC, SB, TERMINAL_TYPE, SEND, IAC, SE];
    connection.push(Buffer.from(Array.from({ length: 100_000 }, () => question).flat()));
    await waitUntil('all is read', () => connection.readableLength === 0 || stream.destroyed);
    expect(buffered()).toBeLessThan(256 * 1024);
  });

  it('security: text with a command after each character arrives in few chunks', async () => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    connection.push(Buffer.from(Array.from({ length: 10_000 }, () => [97, IAC, NOP]).flat()));
    connection.push(Buffer.of(98, IAC, IAC, 98));
    connection.push(null);
    await once(stream, 'end');
    const text = Buffer.concat([Buffer.alloc(10_000, 97), Buffer.of(98, 255, 98)]);
    expect(Buffer.concat(chunks)).toEqual(text);
    expect(chunks.length).toBeLessThan(6);
  });

  it('security: one turn reads at most 8 KiB, however much is available', async () => {
    let length = 0;
    stream.on('data', (chunk: Buffer) => (length += chunk.length));
    for (let count = 0; count < 20; count += 1) connection.push(Buffer.alloc(50_000, 97));
    let turns = 0;
    while (length < 1_000_000) {
      const before = length;
      await nextTurn();
      turns += 1;
      // A turn of the test may see the end of one and the beginning of the next.
      expect(length - before).toBeLessThanOrEqual(2 * 8 * 1024);
    }
    expect(turns).toBeGreaterThanOrEqual(61);
  });

  it('delivers text before a change of the mode that follows it', async () => {
    const seen: string[] = [];
    stream.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
    stream.on('mode', () => seen.push('mode'));
    await nextTurn();
    receive([97, IAC, WILL, ECHO, 98]);
    expect(seen).toEqual(['a', 'mode', 'b']);
  });
});
