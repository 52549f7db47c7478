import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RemoteAccessError } from '@remote-access/contracts';
import { openShell, type ShellOptions, type ShellStream } from '@remote-access/ssh';
import type { HostKey } from '@remote-access/ssh-keys';
import {
  injectingProxy,
  startHostileSshServer,
  startSshd,
  type HostileSsh,
  type HostileSshServer,
} from '@remote-access/testkit';

const ENDPOINT = { name: 'Press 4', hostname: '10.0.0.5', port: 22 };

/** Far less than these servers would send, and far more than a normal sign-in needs. */
const MOST_MEMORY_BYTES = 64 * 1024 * 1024;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function hostile(does: HostileSsh): Promise<HostileSshServer> {
  const server = await startHostileSshServer(does);
  closing.push(server.stop);
  return server;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  closing.push(() => {
    const closed = socket.closed ? Promise.resolve() : once(socket, 'close');
    socket.destroy();
    return Promise.resolve(closed);
  });
  return socket;
}

async function open(port: number, options: Partial<ShellOptions> = {}): Promise<ShellStream> {
  return openShell({
    socket: await dial(port),
    endpoint: ENDPOINT,
    signIn: { type: 'password', username: 'ana', password: 'secret' },
    pinnedHostKeys: null,
    size: () => ({ cols: 80, rows: 24 }),
    ...options,
  });
}

async function failure(work: Promise<unknown>): Promise<RemoteAccessError> {
  const outcome = await work.then(
    () => new Error('It opened a shell'),
    (cause: unknown) => cause,
  );
  if (!(outcome instanceof RemoteAccessError)) throw outcome;
  return outcome;
}

/** Peak memory growth during the work. */
async function grownBy(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  await work();
  clearInterval(watch);
  return Math.max(most, process.memoryUsage().rss) - before;
}

describe('a hostile SSH server is disconnected with a reason, in bounded memory:', () => {
  it.each<[HostileSsh, RegExp]>([
    ['packet of 2 GiB', /The SSH connection failed: Bad packet length/],
    ['endless greeting', /The server's greeting is too long/],
    ['endless banner', /sends too much data before the sign-in/],
    ['million prompts', /Malformed USERAUTH_INFO_REQUEST/],
    ['prompts without end', /does not stop asking questions/],
    ['partial success without end', /does not stop asking questions/],
  ])('%s', async (does, words) => {
    const server = await hostile(does);
    let asked = 0;
    const ask: ShellOptions['ask'] = ({ prompts }) => {
      asked += 1;
      return Promise.resolve(prompts.map(() => 'yes'));
    };
    const grown = await grownBy(async () => {
      const { code, message } = await failure(open(server.port, { ask }));
      expect(code).toBe('target-failed');
      expect(message).toMatch(words);
    });
    expect(asked).toBeLessThan(20);
    expect(grown).toBeLessThan(MOST_MEMORY_BYTES);
  });

  it('a channel that never closes', async () => {
    const { port } = await hostile('channel that never closes');
    const shell = await open(port);
    const chunks: Buffer[] = [];
    for await (const chunk of shell) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('bye');
    expect(shell.exitStatus).toBe(3);
  });

  it('output beyond the window', async () => {
    const { port } = await hostile('ignored window');
    const shell = await open(port);
    const grown = await grownBy(async () => {
      const [cause] = (await once(shell, 'error')) as [Error];
      expect(cause.message).toBe('The server sent more than its window allows');
    });
    expect(grown).toBeLessThan(MOST_MEMORY_BYTES);
  });

  it('a different host key on rekeying', async () => {
    const { port, hostKey } = await hostile('other key at the next exchange');
    const shell = await open(port, { pinnedHostKeys: hostKey });
    shell.resume();
    await once(shell, 'close').catch(() => undefined);
    expect(shell.connectionLost || shell.errored !== null).toBe(true);
  });
});

it('does not accept forged proofs of other host keys', async () => {
  const { port, hostKey } = await hostile('forged proofs of keys');
  const proved: (readonly HostKey[])[] = [];
  const shell = await open(port, {
    pinnedHostKeys: hostKey,
    onProvedHostKeys: keys => proved.push(keys),
  });
  // Data after the proofs has arrived, so the proofs have been verified.
  await once(shell, 'data');
  shell.destroy();
  expect(proved).toEqual([]);
});

describe('prefix truncation (Terrapin, CVE-2023-48795)', () => {
  /** An unencrypted SSH_MSG_IGNORE, as an attacker injects it before encryption begins. */
  const IGNORE = Buffer.from([0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

  it('is detected: an extra message before encryption ends the connection', async () => {
    const sshd = await startSshd();
    closing.push(sshd.stop);
    const signIn = { type: 'key', username: sshd.userName, privateKey: sshd.privateKey } as const;
    const honest = await injectingProxy(sshd.port, chunk => chunk);
    closing.push(honest.stop);
    (await open(honest.port, { signIn })).destroy();

    // Between the identification line and the server's KEXINIT, however they are split.
    let isInjected = false;
    const proxy = await injectingProxy(sshd.port, chunk => {
      const end = chunk.indexOf('\n') + 1;
      if (isInjected || end === 0) return chunk;
      isInjected = true;
      return Buffer.concat([chunk.subarray(0, end), IGNORE, chunk.subarray(end)]);
    });
    closing.push(proxy.stop);
    const { code, message } = await failure(open(proxy.port, { signIn }));
    expect(code).toBe('target-failed');
    expect(message).toContain('strict KEX');
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
  });

  it.each([
    [
      'CBC with encrypt-then-mac',
      ['Ciphers aes128-cbc', 'MACs hmac-sha2-256-etm@openssh.com'],
      true,
    ],
  ])('%s, which the attack needs, is not negotiated', async (_name, config, legacyAlgorithms) => {
    const sshd = await startSshd({ config });
    closing.push(sshd.stop);
    const signIn = { type: 'key', username: sshd.userName, privateKey: sshd.privateKey } as const;
    const { code, message } = await failure(open(sshd.port, { signIn, legacyAlgorithms }));
    expect(code).toBe('target-failed');
    expect(message).toContain('The SSH server');
    expect(sshd.log()).not.toContain('Accepted');
  });
});

it('sends nothing to a server whose key is not pinned or was declined', async () => {
  const [server, other] = await Promise.all([
    hostile('channel that never closes'),
    hostile('channel that never closes'),
  ]);
  const pinned = failure(open(server.port, { pinnedHostKeys: other.hostKey }));
  expect((await pinned).code).toBe('host-key-mismatch');
  const declined = failure(open(server.port, { acceptHostKey: () => Promise.resolve(false) }));
  expect((await declined).code).toBe('host-key-rejected');
  expect(server.attempts).toEqual([]);
});
