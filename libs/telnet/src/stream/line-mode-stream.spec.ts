import { type TcpTarget, tcpTarget, untilSteady, waitUntil } from '@remote-access/testkit';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { COMMANDS, OPTIONS } from '../protocol/telnet-codes';
import { LineModeStream } from './line-mode-stream';
import { TelnetStream } from './telnet-stream';

const { IAC, WILL, INTERRUPT_PROCESS } = COMMANDS;
const { ECHO, SGA } = OPTIONS;

let target: TcpTarget;
let stream: LineModeStream;
let server: Socket;
let sent: Buffer[];

let shown: string;
const show = (chunk: Buffer): void => void (shown += chunk.toString());

beforeEach(async () => {
  sent = [];
  shown = '';
  target = await tcpTarget(socket => socket.on('data', (chunk: Buffer) => sent.push(chunk)));
  const connection = connect(target.port, '127.0.0.1');
  await once(connection, 'connect');
  await waitUntil('the server has the connection', () => target.connections.length === 1);
  server = target.connections[0]!;
  const telnet = new TelnetStream(connection, {
    endpointName: 'X',
    encoding: 'utf-8',
    size: { cols: 80, rows: 24 },
  });
  stream = new LineModeStream(telnet, telnet);
});
afterEach(async () => {
  stream.destroy();
  await target.stop();
});

const got = (): Buffer => Buffer.concat(sent);

/** Sends bytes from the server and waits until they have been processed. */
async function hears(...bytes: number[]): Promise<void> {
  const before = shown.length;
  server.write(Buffer.from([...bytes, 0x2e]));
  await waitUntil('it is shown', () => shown.length > before);
}

it('sends a line on Enter, even if a character arrives in pieces', async () => {
  stream.on('data', show);
  for (const byte of Buffer.from('Größe\r')) stream.write(Buffer.of(byte));
  await waitUntil('the line has come', () => got().toString() === 'Größe\r\n');
  expect(shown).toBe('Größe\r\n');
});

it('sends the pending input when the server switches to character mode', async () => {
  stream.on('data', show);
  stream.write('hel');
  await hears(IAC, WILL, SGA, IAC, WILL, ECHO);
  await waitUntil('it has come', () => got().includes('hel'));
  stream.write('p');
  await waitUntil('the next one has come', () => got().at(-1) === 0x70);
});

it('echoes single characters if the server does not', async () => {
  stream.on('data', show);
  await hears(IAC, WILL, SGA);
  stream.write('ab\x7f\r');
  await waitUntil('they have come', () => got().includes('ab\x7f\r\0'));
  expect(shown).toBe('.ab\b \b\r\n');
});

it('sends Ctrl+C as a Telnet command only to servers that speak Telnet', async () => {
  stream.on('data', show);
  stream.write('\x03');
  await waitUntil('the character has come', () => got().equals(Buffer.of(3)));
  await hears(IAC, WILL, ECHO);
  stream.write('\x03');
  await waitUntil('the command has come', () =>
    got().subarray(-2).equals(Buffer.of(IAC, INTERRUPT_PROCESS)),
  );
});

it('begins the lines of a server without negotiation at the left margin, however they are split', async () => {
  stream.on('data', show);
  for (const part of ['one\n', 'two\r', '\nthree', '\n\n', 'end']) {
    server.write(part);
    const last = part.at(-1)!;
    await waitUntil('it is shown', () => shown.endsWith(last));
  }
  expect(shown).toBe('one\r\ntwo\r\nthree\r\n\r\nend');
});

it('leaves the output of a server in character mode as it is', async () => {
  stream.on('data', show);
  await hears(IAC, WILL, SGA, IAC, WILL, ECHO);
  server.write('one\ntwo');
  await waitUntil('it is shown', () => shown.endsWith('two'));
  expect(shown).toBe('.one\ntwo');
});

it('forwards Tab and Escape at once', async () => {
  stream.write('\t');
  stream.write('\x1b');
  await waitUntil('they have come', () => got().equals(Buffer.of(9, 0x1b)));
});

it('echoes if configured to do so, even if the server says that it does', async () => {
  const connection = connect(target.port, '127.0.0.1');
  await once(connection, 'connect');
  await waitUntil('it has come', () => target.connections.length === 2);
  const size = { cols: 80, rows: 24 };
  const telnet = new TelnetStream(connection, { endpointName: 'X', encoding: 'utf-8', size });
  const echoing = new LineModeStream(telnet, telnet, { alwaysEchoes: true });
  echoing.on('data', show);
  target.connections[1]!.write(Buffer.from([IAC, WILL, SGA, IAC, WILL, ECHO, 0x2e]));
  await waitUntil('it is in character mode', () => shown === '.');
  echoing.write('ab');
  await waitUntil('it is echoed', () => shown === '.ab');
  echoing.destroy();
});

it('delivers what arrived before the server ended', async () => {
  server.end('last words');
  stream.on('data', show);
  await once(stream, 'end');
  expect(shown).toBe('last words');
});

it('applies backpressure while nobody reads', async () => {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const total = 1_000;
  let count = 0;
  const more = (): void => {
    while (count < total && server.write(chunk)) count += 1;
    if (count < total) server.once('drain', more);
    count += 1;
  };
  stream.pause();
  more();
  await untilSteady('the server is slowed', () => count);
  expect(count).toBeLessThan(total / 2);
  expect(stream.readableLength).toBeLessThan(1024 * 1024);
});

it('accepts no more input while its echo is not read', async () => {
  const typed = Buffer.alloc(16 * 1024, 'line\r');
  let taken = 0;
  for (let count = 0; count < 80; count += 1) stream.write(typed, () => (taken += 1));
  await waitUntil('a part was taken', () => taken > 0);
  expect(taken).toBeLessThan(20);
  stream.on('data', show);
  await waitUntil('all was taken', () => taken === 80);
});
