import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EndpointBody } from '@remote-access/contracts';
import { sha256Fingerprint } from '@remote-access/ssh-keys';
import {
  ed25519KeyPair,
  startSshd,
  temporaryFolder,
  type TemporaryUser,
} from '@remote-access/testkit';
import { Stack } from '../../fixtures/stack';
import type { TerminalClient } from '../../fixtures/terminal-client';
import { startDropbear, startTinyssh, type SmallSshServer } from '../servers/ssh-servers';
import { ForeignProgram, versionOf } from './compatibility';

const keyPair = ed25519KeyPair();
const USER: TemporaryUser = {
  name: 'machinist',
  password: 'grease-and-oil',
  authorizedKey: keyPair.public,
};

const folder = temporaryFolder('ssh-banner');
const BANNER = join(folder.path, 'banner');
writeFileSync(BANNER, '  Authorized use only\n');

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start();
}, 30_000);
afterAll(async () => {
  await stack.stop();
  folder.remove();
}, 15_000);

async function connect(
  { port }: { readonly port: number },
  change: Partial<EndpointBody> = {},
): Promise<TerminalClient> {
  const { id } = await stack.addEndpoint({
    name: 'Small device',
    hostname: '127.0.0.1',
    port,
    protocol: 'SSH',
    credentialsType: 'USER_PASS',
    username: USER.name,
    password: USER.password,
    ...change,
  });
  return stack.connectTerminal(id);
}

const KEY = {
  credentialsType: 'KEY_PAIR',
  password: null,
  privateKey: keyPair.private,
  publicKey: keyPair.public,
} as const;

/** Shown before the refusal, which is no lost connection. */
async function refusedAfterBanner(client: TerminalClient): Promise<string> {
  const { code, text } = await client.message('error');
  expect(code).toBe('sign-in-refused');
  await client.closed();
  expect(client.text).toBe('  Authorized use only\r\n');
  return `the client is told: ${text}`;
}

/** A shell whose input the service edits. */
async function worksWithoutTerminal(client: TerminalClient): Promise<void> {
  await client.reaches('open');
  await client.reads('provides no terminal');
  client.type("echo lx\x7f\x7f'no 't''ty\r");
  await client.reads('no tty\r\n');
  client.type('exit 4\r');
  await client.closed();
  expect(await client.message('ended')).toMatchObject({ by: 'target', exitStatus: 4 });
}

describe('OpenSSH', () => {
  const openssh = new ForeignProgram(
    'OpenSSH',
    versionOf('openssh-server'),
    'the SSH server of most systems',
  );

  const connectTo = async (
    config: readonly string[],
    test: (client: TerminalClient) => Promise<string | undefined | void>,
    change: Partial<EndpointBody> = {},
  ): Promise<string | undefined> => {
    const sshd = await startSshd({ config });
    try {
      const { userName: username, privateKey } = sshd;
      const hostKey = sshd.hostKeys[0]!;
      return (
        (await test(
          await connect(sshd, {
            ...KEY,
            username,
            privateKey,
            publicKey: null,
            hostKey,
            ...change,
          }),
        )) ?? undefined
      );
    } finally {
      await sshd.stop();
    }
  };

  openssh.can('shows its banner, then disconnects: too many attempts', async () =>
    connectTo([`Banner ${BANNER}`, 'MaxAuthTries 1'], refusedAfterBanner, {
      privateKey: keyPair.private,
    }),
  );

  openssh.can('gives a shell without a terminal if it may give none', async () =>
    connectTo(['PermitTTY no'], worksWithoutTerminal),
  );

  openssh.can('is used with chacha20-poly1305 alone, with strict key exchange', async () =>
    connectTo(['Ciphers chacha20-poly1305@openssh.com'], async client => {
      await client.reaches('open');
      client.disconnect();
      await client.closed();
    }),
  );
});

describe('Dropbear', () => {
  const dropbear = new ForeignProgram(
    'Dropbear',
    versionOf('dropbear-bin'),
    'an SSH server of small devices',
  );
  let server: SmallSshServer;
  beforeAll(async () => {
    server = await startDropbear(USER);
  });
  afterAll(() => server.stop());

  dropbear.can('shows its host key, takes a password and echoes what is typed', async () => {
    const client = await connect(server);
    const { sha256, state, question } = await client.message('host-key');
    expect({ sha256, state, question }).toEqual({
      sha256: sha256Fingerprint(Buffer.from(server.hostKey.split(' ')[1]!, 'base64')),
      state: 'new',
      question: true,
    });
    client.send({ type: 'host-key-answer', answer: 'once' });
    await client.reaches('open');
    client.resize(97, 31);
    client.type("stty size; printf '[%s]\\n' Grüße; exit 3\n");
    await client.closed();
    expect(client.text).toContain('31 97');
    expect(client.text).toContain('[Grüße]');
    expect(await client.message('ended')).toMatchObject({ by: 'target', exitStatus: 3 });
    return undefined;
  });

  dropbear.can('takes a key', async () => {
    const client = await connect(server, { ...KEY, hostKey: server.hostKey });
    await client.reaches('open');
    client.type('id -un; exit\n');
    await client.closed();
    expect(client.text).toMatch(/[\r\n]machinist\r/);
    return undefined;
  });

  dropbear.can('refuses a wrong password, and the user is told so', async () => {
    const client = await connect(server, { password: 'wrong', hostKey: server.hostKey });
    const { code, text } = await client.message('error');
    expect(code).toBe('sign-in-refused');
    await client.closed();
    return `the client is told: ${text}`;
  });

  dropbear.can('shows its banner, then disconnects after one wrong password', async () => {
    const strict = await startDropbear(USER, ['-b', BANNER, '-T', '1']);
    try {
      const { hostKey } = strict;
      return await refusedAfterBanner(await connect(strict, { password: 'wrong', hostKey }));
    } finally {
      await strict.stop();
    }
  });

  dropbear.can('gives a shell without a terminal for a key that allows none', async () => {
    const limited = await startDropbear({ ...USER, authorizedKey: `no-pty ${keyPair.public}` });
    try {
      await worksWithoutTerminal(await connect(limited, { ...KEY, hostKey: limited.hostKey }));
    } finally {
      await limited.stop();
    }
    return undefined;
  });

  dropbear.can('carries a flood through its window of 24 KiB', async () => {
    const client = await connect(server, { hostKey: server.hostKey });
    await client.reaches('open');
    const bytes = 3_000_000;
    client.type(`stty -echo -onlcr; head -c ${bytes} /dev/zero | tr '\\0' x; echo END; exit\n`);
    await client.closed(30_000);
    expect(/x+(?=END)/.exec(client.text)?.[0]).toHaveLength(bytes);
    return undefined;
  });
});

describe('TinySSH', () => {
  const tinyssh = new ForeignProgram(
    'TinySSH',
    versionOf('tinysshd'),
    'an SSH server with one cipher',
  );
  let server: SmallSshServer;
  beforeAll(async () => {
    server = await startTinyssh(USER);
  });
  afterAll(() => server.stop());

  tinyssh.can('gets no credential while its only cipher lacks strict key exchange', async () => {
    const client = await connect(server, KEY);
    const { code, text } = await client.message('error');
    expect(code).toBe('target-failed');
    expect(text).toContain('without strict key exchange');
    await client.closed();
    expect(client.messages.some(({ type }) => type === 'host-key')).toBe(false);
    expect(server.log()).not.toMatch(/auth/);
    return `the client is told: ${text}`;
  });
});
