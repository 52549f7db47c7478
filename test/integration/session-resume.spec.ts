import type { RunningSession } from '@remote-access/contracts';
import { startSshd, waitUntil, type Sshd } from '@remote-access/testkit';
import { CUTS, floodWithCuts } from '../fixtures/resume-flood';
import { ResumingClient } from '../fixtures/resuming-client';
import { GATEWAY, Stack } from '../fixtures/stack';

let stack: Stack;
let sshd: Sshd;
let endpointId: string;

beforeAll(async () => {
  [stack, sshd] = await Promise.all([Stack.start(), startSshd()]);
  const { id } = await stack.addEndpoint({
    name: 'Shell',
    hostname: '127.0.0.1',
    port: sshd.port,
    protocol: 'SSH',
    credentialsType: 'KEY_PAIR',
    username: sshd.userName,
    privateKey: sshd.privateKey,
    hostKey: sshd.hostKeys[0]!,
  });
  endpointId = id;
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await sshd.stop();
}, 15_000);

const sessions = (): Promise<RunningSession[]> =>
  stack.json(`/service/remoteaccess/devices/${GATEWAY}/sessions`);

/** A shell that echoes nothing and sends nothing on its own. */
async function shell(): Promise<ResumingClient> {
  const client = await ResumingClient.open(stack, endpointId);
  client.type('PS1=; stty -echo; echo RE""ADY\n');
  await client.reads('READY');
  return client;
}

async function isOver({ id }: ResumingClient): Promise<void> {
  await waitUntil('the session is over', async () =>
    (await sessions()).every(session => session.id !== id),
  );
}

it('continues after a cut, with what was typed and printed meanwhile', async () => {
  const client = await shell();
  await client.cut();
  await waitUntil('it waits for its client', async () =>
    (await sessions()).some(({ id, state }) => id === client.id && state === 'waiting'),
  );
  client.type('echo typed-mean""while\n');
  await client.resume();
  await client.reads('typed-meanwhile');
  client.type('for i in 1 2 3; do sleep 0.2; echo "line-$i"; done; echo FI""NISHED\n');
  await client.cut();
  await client.resume();
  await client.reads('FINISHED');
  expect(client.text.match(/line-\d/g)).toEqual(['line-1', 'line-2', 'line-3']);
  client.disconnect();
  await client.closed();
  expect(client.ended).toMatchObject({ by: 'client', code: 'normal' });
  await isOver(client);
});

it('continues for a client that announces with a message that it can resume', async () => {
  const client = await ResumingClient.open(stack, endpointId, { user: 'operator' }, GATEWAY, true);
  await client.cut();
  client.type('echo still-he""re\n');
  await client.resume();
  await client.reads('still-here');
  client.disconnect();
  await client.closed();
  await isOver(client);
});

it('continues while the service still considers the previous connection alive', async () => {
  const client = await shell();
  const before = client.socket;
  await client.resume();
  client.type('echo still-he""re\n');
  await client.reads('still-here');
  await waitUntil('the connection before closes', () => before.readyState === before.CLOSED);
  client.disconnect();
  await client.closed();
  await isOver(client);
});

it('stops reading the server once a mebibyte is pending for the client, and loses nothing', async () => {
  const client = await shell();
  client.type('seq 1 1000000; echo FI""NISHED\n');
  const { received } = client;
  await waitUntil('output', () => client.received > received, 25_000);
  await client.cut();
  let seen = -1;
  await waitUntil('the service reads no more', async () => {
    const bytes = (await sessions()).find(({ id }) => id === client.id)!.bytesToClient;
    const isSame = bytes === seen;
    seen = bytes;
    return isSame && bytes > client.received;
  });
  expect(seen - client.received).toBeLessThan(1.25 * 1024 * 1024);
  await client.resume();
  await client.reads('FINISHED');
  // A million lines, each with a carriage return from the terminal.
  expect(client.received - received).toBeGreaterThanOrEqual(7_888_896);
  client.disconnect();
  await client.closed();
  await isOver(client);
});

it('shows the last messages of a server that has ended meanwhile', async () => {
  const client = await shell();
  client.type('sleep 0.3; echo last-wo""rds; exit 3\n');
  await client.cut();
  await waitUntil('the shell has ended', async () =>
    (await sessions()).every(({ id }) => id !== client.id),
  );
  await client.resume();
  await client.closed();
  expect(client.text).toContain('last-words');
  expect(client.ended).toMatchObject({ by: 'target', exitStatus: 3 });
});

it('ends with a page that leaves intentionally', async () => {
  const client = await shell();
  client.socket.close(1000);
  await client.closed();
  await isOver(client);
  await expect(client.resume()).rejects.toThrow('session-not-found');
});

it(`loses and duplicates nothing in ${CUTS} cuts during floods in both directions`, async () => {
  const client = await ResumingClient.open(stack, endpointId);
  client.type('stty raw -echo; echo RE""ADY; exec cat\n');
  await client.reads('READY');
  await waitUntil('the prompt is over', () => client.text.endsWith('READY\n'));
  const flood = await floodWithCuts(client, CUTS);
  expect(flood.received).toBe(flood.sent);
  client.disconnect();
  await client.closed();
  await isOver(client);
}, 600_000);
