import type { Endpoint, EndpointBody } from '@remote-access/contracts';
import { COMMANDS, OPTIONS } from '@remote-access/telnet';
import { startTelnetd, tcpTarget, waitUntil, type Telnetd } from '@remote-access/testkit';
import type { Socket } from 'node:net';
import { Received } from '../fixtures/raw-device';
import { Stack } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';

const { IAC, WILL, DO, SB, SE, BREAK } = COMMANDS;
const { ECHO, SGA, NAWS } = OPTIONS;

let stack: Stack;
let telnetd: Telnetd;

beforeAll(async () => {
  [stack, telnetd] = await Promise.all([Stack.start(), startTelnetd()]);
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await telnetd.stop();
}, 15_000);

function addTelnet(port: number, change: Partial<EndpointBody> = {}): Promise<Endpoint> {
  return stack.addEndpoint({
    name: 'Controller',
    hostname: '127.0.0.1',
    port,
    protocol: 'TELNET',
    ...change,
  });
}

async function terminal(
  port: number,
  change: Partial<EndpointBody> = {},
  size = { cols: 80, rows: 24 },
): Promise<TerminalClient> {
  const client = await stack.connectTerminal((await addTelnet(port, change)).id);
  client.resize(size.cols, size.rows);
  await client.reaches('open');
  return client;
}

const ended = (client: TerminalClient) => client.messages.find(({ type }) => type === 'ended');

describe("inetutils' telnetd", () => {
  async function signedIn(size?: { cols: number; rows: number }): Promise<TerminalClient> {
    const client = await terminal(telnetd.port, {}, size);
    await client.reads('login: ');
    client.type(`${telnetd.user.name}\r`);
    await client.reads('Password: ');
    client.type(`${telnetd.user.password}\r`);
    await client.reads('device$ ');
    return client;
  }

  it('accepts a sign-in at its prompts and uses our terminal type and size', async () => {
    const client = await signedIn({ cols: 132, rows: 43 });
    // The server echoes the name once, and nobody echoes the password.
    expect(client.text).toContain(`login: ${telnetd.user.name}\r\n`);
    expect(client.text).not.toContain(telnetd.user.password);
    client.type('echo "[$TERM] [$(stty size)] [$USER]"\r');
    await client.reads('[xterm-256color] [43 132] []');
    client.disconnect();
    await client.closed();
  });

  it('follows the size of the window, even at 255 columns', async () => {
    const client = await signedIn();
    for (const [cols, rows] of [
      [255, 255],
      [100, 30],
    ] as const) {
      client.resize(cols, rows);
      client.type('stty size\r');
      await client.reads(`${rows} ${cols}\r\n`);
    }
    client.disconnect();
    await client.closed();
  });

  it('reads and prints Unicode', async () => {
    const client = await signedIn();
    client.type("printf '[%s]\\n' Grüße 日本語 🙂\r");
    await client.reads('[Grüße]');
    await client.reads('[日本語]');
    await client.reads('[🙂]');
    client.type('printf "%s" ü | od -An -tx1\r');
    await client.reads(' c3 bc');
    client.disconnect();
    await client.closed();
  });

  it('interrupts the running command on Ctrl+C, and only ^C is shown', async () => {
    const client = await signedIn();
    // Once it prints, the command is in the foreground.
    client.type('sh -c "echo begin; exec sleep 1000"\r');
    await client.reads('begin\r\n');
    const before = client.output.length;
    client.type('\x03');
    await waitUntil('the prompt is back', () =>
      client.output.subarray(before).includes('device$ '),
    );
    // telnetd marks the position with IAC DM; the IAC is sent as urgent data and gets lost on the
    // way.
    expect(client.output.subarray(before).includes(COMMANDS.DATA_MARK)).toBe(false);
    expect(client.output.subarray(before).toString()).toMatch(/^\^C/);
    client.disconnect();
    await client.closed();
  });

  it('draws a full-screen program', async () => {
    const client = await signedIn({ cols: 90, rows: 40 });
    client.type('vi -u NONE\r');
    // vi marks empty lines with `~`, down to the second to last of 40.
    await client.reads('\x1b[39;1H~');
    client.type(':q\r');
    // It leaves the alternate screen.
    await client.reads('\x1b[?1049l');
    await waitUntil('the prompt is back', () => client.text.endsWith('device$ '));
    client.disconnect();
    await client.closed();
  });

  it('ends the session when its shell exits, and is reported as the side that ended it', async () => {
    const client = await signedIn();
    client.type('exit\r');
    await client.closed();
    expect(ended(client)).toMatchObject({
      by: 'target',
      code: 'normal',
      text: 'The remote server ended the session.',
    });
    expect(client.closeCode).toBe(1000);
  });
});

/** A server scripted by a test, and the bytes that it received. */
async function scripted(
  greet: (socket: Socket) => void,
): Promise<{ port: number; got: () => Buffer; socket: () => Socket; stop(): Promise<void> }> {
  const chunks: Buffer[] = [];
  const target = await tcpTarget(socket => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    greet(socket);
  });
  return {
    port: target.port,
    got: () => Buffer.concat(chunks),
    socket: () => target.connections[0]!,
    stop: target.stop,
  };
}

const bytes = (...numbers: number[]): Buffer => Buffer.from(numbers);

describe('a server that negotiates little, like small devices', () => {
  it('gets single characters if it echoes, and the window size if it asks', async () => {
    const server = await scripted(socket =>
      socket.write(
        bytes(IAC, DO, ECHO, IAC, DO, NAWS, IAC, WILL, ECHO, IAC, WILL, SGA, ...Buffer.from('$ ')),
      ),
    );
    const client = await terminal(server.port, {}, { cols: 255, rows: 24 });
    await client.reads('$ ');
    const naws = bytes(IAC, SB, NAWS, 0, IAC, IAC, 0, 24, IAC, SE);
    await waitUntil('the size has come', () => server.got().includes(naws));
    client.type('a');
    await waitUntil('a character has come', () => server.got().at(-1) === 97);
    client.type('\r');
    await waitUntil('Enter has come', () => server.got().subarray(-2).equals(bytes(13, 0)));
    expect(client.text).toBe('$ ');
    client.socket.send(JSON.stringify({ type: 'break' }));
    await waitUntil('the break has come', () =>
      server.got().subarray(-2).equals(bytes(IAC, BREAK)),
    );
    client.disconnect();
    await client.closed();
    await server.stop();
  });

  it('gets whole lines if it does not echo, and the user sees what is typed', async () => {
    const server = await scripted(socket => socket.write('READY\r\n> '));
    const client = await terminal(server.port);
    await client.reads('> ');
    client.type('statux\x7f');
    client.type('s\r');
    await waitUntil('the line has come', () => server.got().toString() === 'status\r\n');
    expect(client.text).toBe('READY\r\n> statux\b \bs\r\n');
    client.disconnect();
    await client.closed();
    await server.stop();
  });
});

it.each([
  ['latin1', 'Größe', Buffer.from('Größe', 'latin1')],
  ['cp437', 'Größe │', bytes(0x47, 0x72, 0x94, 0xe1, 0x65, 0x20, 0xb3)],
  ['gbk', '温度', bytes(0xce, 0xc2, 0xb6, 0xc8)],
  ['shift_jis', '温度', bytes(0x89, 0xb7, 0x93, 0x78)],
] as const)('text in %s is read and written, and 255 is doubled', async (encoding, text, raw) => {
  const server = await scripted(socket => socket.write(Buffer.concat([raw, Buffer.from('\r\n')])));
  const client = await terminal(server.port, { encoding });
  await client.reads(`${text}\r\n`);
  client.type(`${text}\r`);
  await waitUntil('it came back', () => server.got().includes(raw));
  if (encoding === 'latin1') {
    client.type('ÿ\r');
    await waitUntil('255 is doubled', () => server.got().includes(bytes(IAC, IAC, 13, 10)));
  }
  client.disconnect();
  await client.closed();
  await server.stop();
});

it.each([
  ['SSH-2.0-OpenSSH_9.2\r\n', 'an SSH server. Set the protocol of the endpoint to SSH'],
  ['RFB 003.008\n', 'a VNC server. Set the protocol of the endpoint to VNC'],
])('a server that greets with %j is identified, with a hint', async (greeting, sentence) => {
  const server = await scripted(socket => socket.write(greeting));
  const client = await stack.connectTerminal((await addTelnet(server.port)).id);
  await client.closed();
  expect(ended(client)).toMatchObject({
    by: 'target',
    code: 'target-failed',
    text: `The server at endpoint "Controller" is ${sentence}.`,
  });
  await server.stop();
});

it('raw clients get the Telnet bytes unchanged and negotiate themselves', async () => {
  const server = await scripted(socket => socket.write(bytes(IAC, WILL, ECHO, 13, 0, IAC, IAC)));
  const { id } = await addTelnet(server.port);
  const near = new Received(await stack.connectRaw(id));
  expect([...(await near.has(7))]).toEqual([IAC, WILL, ECHO, 13, 0, IAC, IAC]);
  near.socket.send(bytes(IAC, DO, ECHO, 13));
  await waitUntil('it has come', () => server.got().equals(bytes(IAC, DO, ECHO, 13)));
  near.socket.close();
  await near.closed();
  await server.stop();
});
