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

/** Far below what the servers here would send, far above what an honest sign-in takes. */
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

/** Memory that piled up meanwhile, what was there before aside. */
async function grownBy(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  await work();
  clearInterval(watch);
  return Math.max(most, process.memoryUsage().rss) - before;
}

describe('an SSH server that means no good is ended with a reason, in bounded memory:', () => {
  it.each<[HostileSsh, RegExp]>([
    ['packet of 2 GiB', /The SSH connection failed: Bad packet length/],
    ['endless greeting', /The server greets without end/],
    ['endless banner', /sends without end before anybody has signed in/],
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
      expect(cause.message).toBe('The server sends more than it was allowed to');
    });
    expect(grown).toBeLessThan(MOST_MEMORY_BYTES);
  });

  it('another key when keys are exchanged again', async () => {
    const { port, hostKey } = await hostile('other key at the next exchange');
    const shell = await open(port, { pinnedHostKeys: hostKey });
    shell.resume();
    await once(shell, 'close').catch(() => undefined);
    expect(shell.connectionLost || shell.errored !== null).toBe(true);
  });
});

it('forged proofs of other keys are not believed', async () => {
  const { port, hostKey } = await hostile('forged proofs of keys');
  const proved: (readonly HostKey[])[] = [];
  const shell = await open(port, {
    pinnedHostKeys: hostKey,
    onProvedHostKeys: keys => proved.push(keys),
  });
  // What comes behind the proofs is there, so they have been looked at.
  await once(shell, 'data');
  shell.destroy();
  expect(proved).toEqual([]);
});

describe('prefix truncation (Terrapin, CVE-2023-48795)', () => {
  /** SSH_MSG_IGNORE in clear, as who is in between adds it before encryption begins. */
  const IGNORE = Buffer.from([0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

  it('is noticed: a message too many before the encryption ends the connection', async () => {
    const sshd = await startSshd();
    closing.push(sshd.stop);
    const signIn = { type: 'key', username: sshd.userName, privateKey: sshd.privateKey } as const;
    const honest = await injectingProxy(sshd.port, chunk => chunk);
    closing.push(honest.stop);
    (await open(honest.port, { signIn })).destroy();

    // Between the identification, a line, and the server's offer, however they come.
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
    ['chacha20-poly1305', ['Ciphers chacha20-poly1305@openssh.com'], false],
    [
      'CBC with encrypt-then-mac',
      ['Ciphers aes128-cbc', 'MACs hmac-sha2-256-etm@openssh.com'],
      true,
    ],
  ])('%s, which it needs, is not agreed on', async (_name, config, legacyAlgorithms) => {
    const sshd = await startSshd({ config });
    closing.push(sshd.stop);
    const signIn = { type: 'key', username: sshd.userName, privateKey: sshd.privateKey } as const;
    const { code, message } = await failure(open(sshd.port, { signIn, legacyAlgorithms }));
    expect(code).toBe('target-failed');
    expect(message).toContain('The SSH server');
    expect(sshd.log()).not.toContain('Accepted');
  });
});

it('nothing leaves to a server whose key is not the pinned one, or that the person declines', async () => {
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
