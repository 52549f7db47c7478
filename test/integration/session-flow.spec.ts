import { startSshd, waitUntil, type Sshd } from '@remote-access/testkit';
import { DrawingClient } from '../fixtures/drawing-client';
import { Stack } from '../fixtures/stack';

/**
 * Slower than sshd prints, so that every buffer on the path is full; and so slow that the output
 * rendered while a key is in transit is small compared with the buffers, even on a busy machine.
 */
const SLOW_BYTES_PER_MS = 500;

/**
 * What may still arrive after Ctrl+C: 256 KiB that the client has not acknowledged, 512 KiB that
 * the SSH server may send ahead, and the buffers between them. A browser that renders 10 MB/s needs
 * a tenth of a second for it.
 */
const MAX_STALE_BYTES = 1024 * 1024;

let stack: Stack;
let sshd: Sshd;
let client: DrawingClient;

beforeAll(async () => {
  [stack, sshd] = await Promise.all([Stack.start(), startSshd()]);
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await sshd.stop();
}, 15_000);

beforeEach(async () => {
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
  client = await DrawingClient.open(stack, id, SLOW_BYTES_PER_MS);
  client.type('PS1=; stty -echo; echo RE""ADY\n');
  await client.draws('READY');
});
afterEach(() => client.leave());

it.each(['yes', 'cat /dev/urandom | base64', 'find / 2>/dev/null'])(
  'Ctrl+C stops `%s` before another mebibyte arrives',
  async command => {
    client.type(`while :; do ${command}; done\n`);
    // Far more than all buffers hold: from here on rendering determines the pace.
    await waitUntil('a flood', () => client.drawnBytes > 4 * 1024 * 1024, 20_000);
    const before = client.drawnBytes;
    client.type('\u0003');
    client.type('echo STO""PPED\n');
    await client.draws('STOPPED');
    expect(client.drawnBytes - before).toBeLessThan(MAX_STALE_BYTES);
  },
);

it('a ping is answered in the middle of a flood, ahead of output that waits to be rendered', async () => {
  client.type('yes\n');
  await waitUntil('a flood', () => client.drawnBytes > 1024 * 1024, 20_000);
  const before = client.drawnBytes;
  await client.ping();
  expect(client.drawnBytes - before).toBeLessThan(MAX_STALE_BYTES / 2);
});
