import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  closedPort,
  startSshd,
  tcpTarget,
  waitUntil,
  type Sshd,
  type TcpTarget,
} from '@remote-access/testkit';
import { CommandLine } from '../fixtures/command-line';
import { Stack } from '../fixtures/stack';

const runFile = promisify(execFile);

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function exchange(port: number, sent: Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const got: Buffer[] = [];
  let length = 0;
  const whole = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      got.push(chunk);
      length += chunk.length;
      if (length >= sent.length) resolve();
    });
  });
  socket.write(sent);
  await whole;
  socket.destroy();
  return Buffer.concat(got);
}

/** Resolves to how the connection ended: with a reset or not. */
async function endOf(socket: Socket): Promise<'reset' | 'end'> {
  let isReset = false;
  socket.on('error', () => (isReset = true));
  socket.resume();
  await new Promise(resolve => socket.once('close', resolve));
  return isReset ? 'reset' : 'end';
}

it('says which role finding a gateway by its serial number requires', async () => {
  const stack = await Stack.start({ asHosted: true, agent: false });
  const commands = new CommandLine(stack.emulator.url);
  try {
    const { code, stderr } = await commands.run(['ssh-config', 'gw-1']);
    expect(code).toBe(5);
    expect(stderr).toContain('There is no gateway "gw-1".');
    expect(stderr).toContain('ROLE_IDENTITY_READ');
  } finally {
    await commands.remove();
    await stack.stop();
  }
});

describe('the command line and an endpoint', () => {
  let stack: Stack;
  let echo: TcpTarget;
  let sshd: Sshd;
  let commands: CommandLine;

  beforeAll(async () => {
    [stack, echo, sshd] = await Promise.all([Stack.start(), tcpTarget(), startSshd()]);
    stack.letReadIdentities('engineer', 'viewer');
    const host = { hostname: '127.0.0.1' };
    await stack.addEndpoint({ ...host, name: 'Echo', port: echo.port, protocol: 'PASSTHROUGH' });
    await stack.addEndpoint({ ...host, name: 'Old', port: echo.port, protocol: 'TELNET' });
    await stack.addEndpoint({
      ...host,
      name: 'Closed',
      port: await closedPort(),
      protocol: 'PASSTHROUGH',
    });
    await stack.addEndpoint({
      ...host,
      name: 'Shell',
      port: sshd.port,
      protocol: 'SSH',
      credentialsType: 'KEY_PAIR',
      username: sshd.userName,
      privateKey: sshd.privateKey,
      hostKey: sshd.hostKeys[0]!,
    });
  });
  beforeEach(() => {
    commands = new CommandLine(stack.emulator.url);
    writeFileSync(join(commands.homePath, 'key'), sshd.privateKey, { mode: 0o600 });
  });
  afterEach(() => commands.remove());
  afterAll(async () => {
    await stack.stop();
    await Promise.all([echo.stop(), sshd.stop()]);
  });

  describe('forward', () => {
    it('carries 20 connections at once, and reports the traffic', async () => {
      const forward = commands.start(['forward', 'gw-1', 'Echo', '--json']);
      await waitUntil('listening', () => forward.stdout.includes('listening'));
      const { port, host } = JSON.parse(forward.stdout.toString()) as {
        port: number;
        host: string;
      };
      expect(host).toBe('127.0.0.1');
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const sent = randomBytes(200_000);
          expect(sha256(await exchange(port, sent))).toBe(sha256(sent));
        }),
      );
      const { code, stdout } = await forward.end();
      expect(code).toBe(0);
      const events = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as { event: string });
      expect(events.filter(({ event }) => event === 'opened')).toHaveLength(20);
      expect(events.at(-1)).toMatchObject({ event: 'ended', sent: 4_000_000, received: 4_000_000 });
    });

    it('listens on loopback only, and on no other address if asked to', async () => {
      const { code, stderr } = await commands.run([
        'forward',
        'gw-1',
        'Echo',
        '-L',
        '0.0.0.0:2222',
      ]);
      expect(code).toBe(2);
      expect(stderr).toContain('always listens on 127.0.0.1');
      const forward = commands.start(['forward', 'gw-1', 'Echo']);
      const port = await forward.port();
      const table = readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .map(line => line.trim());
      const hex = port.toString(16).toUpperCase().padStart(4, '0');
      const listening = table.filter(line => line.includes(`:${hex} 00000000:0000 0A`));
      expect(listening.map(line => line.split(/\s+/)[1])).toEqual([`0100007F:${hex}`]);
      expect(readFileSync('/proc/net/tcp6', 'utf8')).not.toContain(`:${hex} 0000000000000000`);
    });

    it('listens on a socket file that only its user can open', async () => {
      const path = join(commands.homePath, 'echo.sock');
      const forward = commands.start(['forward', 'gw-1', 'Echo', '-L', path]);
      expect(await forward.address()).toBe(path);
      const socket = connect(path);
      socket.write('through a file');
      expect(String((await once(socket, 'data'))[0])).toBe('through a file');
      socket.destroy();
      expect(statSync(path).mode & 0o777).toBe(0o600);
    });

    it('passes bytes to Telnet clients unchanged', async () => {
      const forward = commands.start(['forward', 'gw-1', 'Old']);
      const bytes = Buffer.from([0xff, 0xfb, 0x01, 0x0d, 0x00, 0xff, 0xff]);
      expect(await exchange(await forward.port(), bytes)).toEqual(bytes);
    });

    it('resets a connection that fails, and says why', async () => {
      const forward = commands.start(['forward', 'gw-1', 'Closed']);
      const socket = connect(await forward.port(), '127.0.0.1');
      expect(await endOf(socket)).toBe('reset');
      await waitUntil('the reason', () => forward.stderr.includes('connection refused'));
    });

    it('recovers by itself after the service was unavailable', async () => {
      const forward = commands.start(['forward', 'gw-1', 'Echo']);
      const port = await forward.port();
      await exchange(port, Buffer.from('before'));
      await stack.microservice.stop();
      const later = exchange(port, Buffer.from('after'));
      await waitUntil('another attempt', () => forward.stderr.includes('Trying again'));
      await stack.restartMicroservice();
      expect(String(await later)).toBe('after');
      await stack.stopAgent();
      await stack.startAgent();
    });

    it('refuses an SSH endpoint, and says what would help', async () => {
      const { code, stderr } = await commands.run(['forward', 'gw-1', 'Shell']);
      expect(code).toBe(6);
      expect(stderr).toContain('"Shell" is of type SSH');
      expect(stderr).toContain('--add');
    });

    it('offers to add an endpoint only to those who may', async () => {
      const env = { REMOTE_ACCESS_USER: 'operator' };
      for (const [more, expected] of [
        [[], 6],
        [['--add'], 4],
      ] as const) {
        const { code, stderr } = await commands.run(['forward', '1001', 'Shell', ...more], { env });
        expect(stderr).toContain('you need the permission ADMIN for "Remote access".');
        expect(stderr).not.toContain('--add');
        expect(code).toBe(expected);
      }
    });

    it('says before it listens that the user may not connect', async () => {
      const { code, stderr } = await commands.run(['forward', 'gw-1', 'Echo'], {
        env: { REMOTE_ACCESS_USER: 'viewer' },
      });
      expect(code).toBe(4);
      expect(stderr).toContain('Remote access');
    });
  });

  it('proxy carries stdin to the endpoint and the response to stdout', async () => {
    const sent = randomBytes(3_000_000);
    const proxy = commands.start(['proxy', '1001', 'Echo']);
    proxy.process.stdin.write(sent);
    await waitUntil('the echo', () => proxy.stdout.length >= sent.length);
    proxy.process.stdin.end();
    expect((await proxy.ended).code).toBe(0);
    expect(sha256(proxy.stdout)).toBe(sha256(sent));
  });

  describe('ssh', () => {
    const key = (): string[] => [
      '-i',
      join(commands.homePath, 'key'),
      // ssh uses the home directory from the password file, not HOME.
      ...['-F', 'none', '-o', 'IdentitiesOnly=yes', '-o', 'StrictHostKeyChecking=yes'],
      ...['-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes'],
    ];

    it('needs a PASSTHROUGH endpoint, and adds one if the user agrees', async () => {
      const refused = await commands.run(['ssh', 'gw-1', 'Shell', '--', ...key(), 'true']);
      expect(refused.code).toBe(6);

      const { code, stdout, stderr } = await commands.run([
        ...['ssh', 'gw-1', 'Shell', '--add', '--'],
        ...[...key(), 'echo', 'over', 'ssh;', 'exit 7'],
      ]);
      expect(stderr).toContain('Added the endpoint "Shell (TCP)"');
      expect(stdout).toBe('over ssh\n');
      expect(code).toBe(7);
    });

    it('signs in as the user of the SSH endpoint, to the server with its pinned key', async () => {
      const { code, stdout } = await commands.run([
        ...['ssh', 'Factory gateway', 'shell', '--', ...key(), 'id', '-un'],
      ]);
      expect(code).toBe(0);
      expect(stdout.trim()).toBe(sshd.userName);
      expect(sshd.log()).toContain('Accepted publickey');
    });

    it('passes no secret of the environment to ssh', async () => {
      const { stdout } = await commands.run([
        ...['ssh', 'gw-1', 'Shell', '--', ...key()],
        ...['-o', 'PermitLocalCommand=yes', '-o', 'LocalCommand=env', 'true'],
      ]);
      expect(stdout).toContain('REMOTE_ACCESS_URL=');
      expect(stdout).not.toContain('REMOTE_ACCESS_PASSWORD');
    });

    it('copies files with scp, in both directions', async () => {
      const content = randomBytes(5_000_000);
      const [there, back] = ['there.bin', 'back.bin'].map(name => join(commands.homePath, name));
      const local = join(commands.homePath, 'local.bin');
      writeFileSync(local, content);
      const copy = (...paths: string[]) =>
        commands.run(['scp', 'gw-1', 'Shell', ...paths, '--', ...key()]);
      expect(await copy(local, `:${there!}`)).toMatchObject({ code: 0, stderr: '' });
      expect(await copy(`:${there!}`, back!)).toMatchObject({ code: 0 });
      expect(sha256(readFileSync(back!))).toBe(sha256(content));
    });

    it('works as plain ssh with the configuration of ssh-config', async () => {
      const printed = await commands.run(['ssh-config', 'gw-1']);
      expect(printed.stdout).toMatch(/^Host shell factory-gateway\.shell$/m);
      expect(printed.stdout).toContain(`User ${sshd.userName}`);
      const file = join(commands.homePath, 'ssh-config');
      writeFileSync(file, printed.stdout);
      const { stdout } = await runFile(
        'ssh',
        ['-F', file, '-i', join(commands.homePath, 'key'), '-o', 'BatchMode=yes']
          .concat('-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null')
          .concat('shell', 'echo plain'),
        { env: commands.env },
      );
      expect(stdout).toBe('plain\n');
    });
  });
});
