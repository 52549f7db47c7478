import { createHash } from 'node:crypto';
import type {
  Endpoint,
  EndpointBody,
  OutsideChange,
  RunningSession,
  StatusMessage,
} from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { startSshd, tcpTarget, untilSteady, waitUntil, type Sshd } from '@remote-access/testkit';
import { GATEWAY, Stack } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';

let stack: Stack;
let sshd: Sshd;

beforeAll(async () => {
  [stack, sshd] = await Promise.all([
    Stack.start(),
    startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] }),
  ]);
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await sshd.stop();
}, 15_000);

function addShell(change: Partial<EndpointBody> = {}): Promise<Endpoint> {
  return stack.addEndpoint({
    name: 'Shell',
    hostname: '127.0.0.1',
    port: sshd.port,
    protocol: 'SSH',
    credentialsType: 'KEY_PAIR',
    username: sshd.userName,
    privateKey: sshd.privateKey,
    hostKey: sshd.hostKeys[0]!,
    ...change,
  });
}

async function shell(change: Partial<EndpointBody> = {}): Promise<TerminalClient> {
  const client = await stack.connectTerminal((await addShell(change)).id);
  await client.reaches('open');
  return client;
}

const end = (client: TerminalClient) => client.messages.find(({ type }) => type === 'ended');

it.each([0, 1, 2])('a server with several keys presents the pinned one, number %i', async index => {
  const pinned = sshd.hostKeys[index]!;
  const client = await shell({ hostKey: pinned });
  const message = await client.message('host-key');
  expect(message).toMatchObject({ keyType: pinned.split(' ')[0], state: 'known' });
  const blob = Buffer.from(pinned.split(' ')[1]!, 'base64');
  const sha256 = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  expect(message.sha256).toBe(`SHA256:${sha256}`);
  client.disconnect();
  await client.closed();
});

it('reports when the server answered and when the user was signed in', async () => {
  const client = await shell();
  const steps = client.messages.flatMap(m => (m.type === 'status' ? [m.step] : []));
  expect(steps.slice(-4)).toEqual(['gateway-connected', 'endpoint-answered', 'signed-in', 'open']);
  client.disconnect();
  await client.closed();
});

it('a pinned key that another program damaged opens no session once it is confirmed, and no gateway is contacted', async () => {
  const { id } = await addShell({ hostKey: sshd.hostKeys[0]! });
  const path = `/inventory/managedObjects/${GATEWAY}`;
  const managedObject = await stack.json<ManagedObject>(path, { user: 'admin' });
  const list = managedObject[FRAGMENTS.list] as Endpoint[];
  for (const endpoint of list) {
    if (endpoint.id === id) endpoint.credentials.hostKey = 'ssh-ed25519 AAAA';
  }
  const body = JSON.stringify({ [FRAGMENTS.list]: list });
  await stack.json(path, { method: 'PUT', user: 'admin', body });
  const configuration = `/service/remoteaccess/devices/${GATEWAY}/configurations/${id}`;
  const { changed } = await stack.json<{ changed: OutsideChange }>(configuration);
  const confirmation = JSON.stringify({ seen: changed.seen, password: 'anything' });
  await stack.json(`${configuration}/confirm`, { method: 'POST', body: confirmation });
  const operations = async (): Promise<number> =>
    (
      await stack.json<{ operations: unknown[] }>(
        `/devicecontrol/operations?deviceId=${GATEWAY}&pageSize=1000`,
      )
    ).operations.length;
  const before = await operations();
  const client = await stack.connectTerminal(id);
  await client.closed();
  expect(end(client)).toMatchObject({ by: 'service', code: 'credentials-unusable' });
  expect(client.closeCode).toBe(4424);
  expect(await operations()).toBe(before);
});

it('the size of the window reaches the terminal, both before and after it opens', async () => {
  const { id } = await addShell();
  const client = await stack.connectTerminal(id);
  client.resize(101, 37);
  await client.reaches('open');
  client.type('stty size\n');
  await client.reads('37 101');
  client.resize(142, 51);
  client.type('stty size\n');
  await client.reads('51 142');
  client.type('echo $TERM $LANG\n');
  await client.reads('xterm-256color C.UTF-8');
  client.disconnect();
  await client.closed();
});

it('the exit status of the shell is reported', async () => {
  const client = await shell();
  client.type('exit 7\n');
  await client.closed();
  expect(end(client)).toMatchObject({ by: 'target', code: 'normal', exitStatus: 7 });
  expect(client.closeReason).toBe('The remote shell ended with status 7.');
});

it('characters of any script and bytes that are not text come back unchanged', async () => {
  const client = await shell();
  // The echo of the command must not be mistaken for its output.
  client.type("printf '%s:čšž € 漢字 😀\\n' A; printf 'B:\\377\\376\\n'\n");
  await client.reads('A:čšž € 漢字 😀');
  await waitUntil('bytes that are no text', () =>
    client.output.includes(Buffer.from([0x42, 0x3a, 0xff, 0xfe, 0x0d, 0x0a])),
  );
  client.disconnect();
  await client.closed();
});

it('a flood of output waits while the client reads nothing, and arrives complete afterwards', async () => {
  const client = await shell();
  client.type('stty -echo -opost; PS1=; clear\n');
  // A byte that occurs nowhere else in the output.
  client.type("head -c 50000000 /dev/zero | tr '\\0' '\\001'; printf 'EN''D'\n");
  client.socket.pause();
  const rssBefore = process.memoryUsage().rss;
  const { operationId } = client.messages.find(
    message => message.type === 'status' && message.step === 'operation-created',
  ) as StatusMessage;
  const delivered = async (): Promise<number> => {
    const path = `/service/remoteaccess/devices/${GATEWAY}/sessions`;
    const sessions = await stack.json<RunningSession[]>(path);
    return sessions.find(session => session.operationId === operationId)!.bytesToClient;
  };
  await waitUntil('the flood begins', async () => (await delivered()) > 100_000);
  const sent = await untilSteady('the server is slowed', delivered);
  expect(sent).toBeLessThan(50_000_000);
  expect(process.memoryUsage().rss - rssBefore).toBeLessThan(100 * 1024 * 1024);
  const flooding = (bytes: Buffer): number => bytes.filter(byte => byte === 1).length;
  let count = flooding(client.output);
  let tail = '';
  client.socket.removeAllListeners('message');
  client.socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return;
    count += flooding(data);
    tail = (tail + data.toString('latin1')).slice(-100);
  });
  client.socket.resume();
  await waitUntil('the end of the flood', () => tail.includes('END'), 60_000);
  expect(count).toBe(50_000_000);
  client.socket.terminate();
}, 90_000);

it.each([
  ['RFB 003.008\n', 'This is a VNC (RFB) server, not an SSH server.'],
  ['HTTP/1.1 400 Bad Request\r\n\r\n', 'This is a web (HTTP) server, not an SSH server.'],
])('a server that greets with %j is identified to the client', async (says, words) => {
  const target = await tcpTarget(socket => socket.write(says));
  const { id } = await addShell({ port: target.port });
  const client = await stack.connectTerminal(id);
  await client.closed();
  expect(end(client)).toMatchObject({ by: 'target', code: 'target-failed' });
  expect(end(client)).toHaveProperty('text', expect.stringContaining(words));
  await target.stop();
});

it('the shell ends when the client leaves', async () => {
  const client = await shell();
  client.type('echo pid $$ ; cat\n');
  await waitUntil('a pid', () => /pid (\d+)/.test(client.text.replace(/pid \$\$/g, '')));
  const pid = Number(/pid (\d+)/.exec(client.text.replace(/pid \$\$/g, ''))![1]);
  client.socket.terminate();
  await waitUntil('the shell is gone', () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
});
