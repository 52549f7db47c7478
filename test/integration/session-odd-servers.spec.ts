import type { EndpointBody } from '@remote-access/contracts';
import {
  ODD_BANNERS,
  type OddSsh,
  type OddSshOptions,
  type OddSshServer,
  startOddSshServer,
  tcpTarget,
  waitUntil,
} from '@remote-access/testkit';
import { Stack } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start();
}, 30_000);
afterAll(() => stack.stop(), 15_000);

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

async function odd(
  does: OddSsh,
  change: Partial<EndpointBody> = {},
  options: OddSshOptions = {},
): Promise<OddServer> {
  const server = await startOddSshServer(does, { ident: 'OpenSSH_7.4', ...options });
  stopping.push(server.stop);
  const { id } = await stack.addEndpoint({
    name: 'Odd',
    hostname: '127.0.0.1',
    port: server.port,
    protocol: 'SSH',
    credentialsType: 'USER_PASS',
    username: 'ana',
    password: 'right',
    hostKey: server.hostKey,
    ...change,
  });
  return { server, id };
}

interface OddServer {
  readonly server: OddSshServer;
  readonly id: string;
}

async function open(does: OddSsh, change?: Partial<EndpointBody>): Promise<Opened> {
  const { server, id } = await odd(does, change);
  const client = await stack.connectTerminal(id);
  await client.reaches('open');
  return { server, client };
}

interface Opened {
  readonly server: OddSshServer;
  readonly client: TerminalClient;
}

async function leave(client: TerminalClient): Promise<void> {
  client.disconnect();
  await client.closed();
}

it('a server without a terminal gets lines edited locally, and the user is told', async () => {
  const { client } = await open('refuses a terminal');
  await client.reads('provides no terminal');
  await client.reads('ready\r\n');
  client.type('lx\x7fs\r');
  await client.reads('lx\b \bs\r\nls\r\n');
  await leave(client);
});

it("an endpoint's command runs instead of a shell", async () => {
  const { server, client } = await open('refuses a shell', { command: 'menu' });
  await client.reads('ready');
  expect(server.requests).toContain('exec menu');
  await leave(client);
});

it.each([
  [undefined, undefined],
  ['de_DE.UTF-8', 'env LANG=de_DE.UTF-8'],
])("an old server with the endpoint's locale %s gets %s", async (locale, expected) => {
  const { server, client } = await open('refuses a terminal', locale ? { locale } : {});
  await client.reads('ready');
  expect(server.requests.find(one => one.startsWith('env LANG'))).toBe(expected);
  await leave(client);
});

it('banners are shown while the server decides', async () => {
  const { server, id } = await odd('greets with a link and decides later');
  const client = await stack.connectTerminal(id);
  await client.reads(ODD_BANNERS.join(''));
  server.decide();
  await client.reaches('open');
  await leave(client);
});

it('banners keep their shape, and lose everything that is not text (security)', async () => {
  const banners = [
    '   /\\\r\n\t|| \u202eplc\x1b[2J\x9b\u2028\x07\r\n  \\/\r\n',
    `${'x'.repeat(30_000)}END`,
  ];
  const { server, id } = await odd('greets with a link and decides later', {}, { banners });
  const client = await stack.connectTerminal(id);
  await client.reads(`   /\\\r\n        ||  plc [2J\r\n  \\/\r\n${'x'.repeat(4_096)}\r\n`);
  server.decide();
  await client.reaches('open');
  expect(client.text).not.toContain('END');
  await leave(client);
});

it('raw clients read banners in the terminal', async () => {
  const { server, id } = await odd('greets with a link and decides later');
  const socket = await stack.connectRaw(id);
  let seen = '';
  socket.on('message', (data: Buffer) => (seen += data.toString()));
  await waitUntil('the link has come', () => seen.includes(`${ODD_BANNERS[1].trim()}\r\n`));
  server.decide();
  await waitUntil('the shell has come', () => seen.includes('ready'));
  socket.close();
});

it.each([
  ['disconnects at exit', 'The remote server ended the session: "Session closed by user".'],
  ['hangs up at exit', 'The remote server ended the session.'],
] as const)('a server that %s has ended the session', async (does, text) => {
  const { client } = await open(does);
  client.type('exit\r');
  await client.closed();
  expect(client.messages.at(-1)).toMatchObject({
    type: 'ended',
    by: 'target',
    code: 'normal',
    text,
  });
  expect(client.messages.some(({ type }) => type === 'error')).toBe(false);
});

it('a Telnet endpoint with local echo shows what is typed', async () => {
  const target = await tcpTarget(socket =>
    socket.write(Buffer.from([255, 251, 1, 255, 251, 3, 46])),
  );
  stopping.push(target.stop);
  const { id } = await stack.addEndpoint({
    name: 'Mute',
    hostname: '127.0.0.1',
    port: target.port,
    protocol: 'TELNET',
    localEcho: true,
  });
  const client = await stack.connectTerminal(id);
  await client.reads('.');
  client.type('hello');
  await client.reads('hello');
  await leave(client);
});
