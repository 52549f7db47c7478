import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { connect, type Socket } from 'node:net';
import { COMMANDS, OPTIONS, TelnetClient } from '@remote-access/telnet';
import { randomSource, waitUntil } from '@remote-access/testkit';
import { startSmallTelnetServer, type ControllerTarget } from './small-telnet-server';

const { IAC, SB } = COMMANDS;

/** A terminal on our own Telnet engine. */
class Client {
  text = '';
  readonly telnet: TelnetClient;

  private constructor(readonly socket: Socket) {
    const settings = {
      size: { cols: 101, rows: 37 },
      terminalTypes: ['xterm-256color'] as const,
      environment: {},
      charsets: ['UTF-8'],
      isUtf8: true,
    };
    this.telnet = new TelnetClient(settings, {
      text: bytes => (this.text += Buffer.from(bytes).toString()),
      send: bytes => void socket.write(bytes),
      modeChanged: () => undefined,
    });
    socket.on('data', chunk => this.telnet.receive(chunk));
  }

  static async to({ port }: ControllerTarget): Promise<Client> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Client(socket);
  }

  type(text: string): void {
    this.telnet.type(Buffer.from(text));
  }

  async reads(text: string): Promise<void> {
    await waitUntil(`output with ${JSON.stringify(text)}`, () => this.text.includes(text));
  }
}

let target: ControllerTarget;
let client: Client;

beforeEach(async () => {
  target = await startSmallTelnetServer();
  client = await Client.to(target);
  await client.reads('pc4> ');
});
afterEach(async () => {
  client.socket.destroy();
  await target.stop();
});

it('says that it is an imitation, and echoes what is typed', async () => {
  expect(client.text).toContain('no machine is behind it');
  client.type('hex\x7flp\r');
  await client.reads('hex\b \blp\r\n');
  await client.reads('ends the session');
});

it('knows the size and the type of the terminal, and Unicode', async () => {
  // The client sends them while the first prompt is in transit.
  await waitUntil('the type has come', () => {
    client.type('size\r');
    return client.text.includes('101 columns, 37 rows, xterm-256color\r\n');
  });
  client.type('echo Grüße 日本\r');
  await client.reads('\r\nGrüße 日本\r\n');
});

it('fills the screen, follows its size, and leaves it with q', async () => {
  client.type('watch\r');
  await client.reads('\x1b[37;1H└');
  client.telnet.resize({ cols: 255, rows: 20 });
  await client.reads(`\x1b[20;1H└${'─'.repeat(253)}┘`);
  client.type('q');
  await client.reads('\x1b[?1049lpc4> ');
});

it('recognizes a break and an interrupt', async () => {
  client.telnet.sendBreak();
  await client.reads('[break]');
  client.type('wat');
  client.telnet.interrupt();
  await client.reads('wat^C\r\npc4> ');
});

it('ends the session when it is asked to', async () => {
  client.type('exit\r');
  await once(client.socket, 'end');
  expect(client.text).toContain('Good bye.');
});

it('survives noise, and disconnects a client that never ends a subnegotiation', async () => {
  const random = randomSource(7);
  const noisy = await Client.to(target);
  noisy.socket.on('error', () => noisy.socket.destroy());
  noisy.socket.write(Uint8Array.from({ length: 20_000 }, () => random() * 256));
  const liar = connect(target.port, '127.0.0.1');
  liar.on('error', () => liar.destroy());
  liar.resume();
  liar.write(Uint8Array.of(IAC, SB, OPTIONS.NAWS));
  liar.write(Buffer.alloc(10_000, 1));
  await once(liar, 'close');
  client.type('size\r');
  await client.reads('101 columns');
  noisy.socket.destroy();
});

it('ends open sessions when it is stopped, and listens on loopback only', async () => {
  const own = Object.values(networkInterfaces())
    .flat()
    .find(address => address && !address.internal && address.family === 'IPv4');
  if (own) {
    const outside = connect(target.port, own.address);
    await expect(once(outside, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
  const ended = once(client.socket, 'close');
  await target.stop();
  await ended;
  target = await startSmallTelnetServer();
});
