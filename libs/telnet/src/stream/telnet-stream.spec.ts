import { Duplex } from 'node:stream';
import { TelnetStream } from './telnet-stream';

const IAC = 255;
const DO = 253;
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

  it('security: sizes, breaks and interrupts do not pile up towards a server that has stopped', () => {
    receive([IAC, DO, NAWS]);
    for (let i = 0; i < 50_000; i += 1) {
      stream.resize({ cols: 80 + (i % 100), rows: 24 });
      stream.sendBreak();
      stream.interrupt();
    }
    expect(buffered()).toBeLessThan(128 * 1024);
  });

  it('security: answers do not pile up towards a server that asks and does not read', () => {
    receive([IAC, DO, TERMINAL_TYPE]);
    for (let i = 0; i < 100_000; i += 1) {
      receive([IAC, SB, TERMINAL_TYPE, SEND, IAC, SE]);
    }
    expect(buffered()).toBeLessThan(256 * 1024);
  });
});
