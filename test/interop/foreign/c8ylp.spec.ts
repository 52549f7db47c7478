import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  closedPort,
  startSshd,
  temporaryFolder,
  waitUntil,
  type Sshd,
} from '@remote-access/testkit';
import type { Endpoint } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { GATEWAY, PASSWORD, Stack } from '../../fixtures/stack';
import { COPY_BYTES, figures, ForeignProgram } from './compatibility';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..', '..');
const C8YLP = join(ROOT, '.cache', 'python', 'bin', 'c8ylp');

/** Python takes a while to start on a busy machine. */
const START_TIMEOUT_MS = 60_000;

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

describe('c8ylp', () => {
  const c8ylp = new ForeignProgram('c8ylp', '2.5.0', 'a client: forwards a local port');
  const folder = temporaryFolder('c8ylp');
  const file = (name: string): string => join(folder.path, name);
  let stack: Stack;
  let sshd: Sshd;
  let server: ChildProcess | undefined;
  let env: NodeJS.ProcessEnv;
  let ssh: string[];

  beforeAll(async () => {
    await run(process.execPath, [join(ROOT, 'tools', 'interop-programs', 'python-packages.mjs')]);
    [stack, sshd] = await Promise.all([Stack.start({ httpsFolder: folder.path }), startSshd()]);
    stack.letReadIdentities('viewer');
    await addEndpoint('Shell', sshd.port);
    mkdirSync(file('home'));
    env = {
      PATH: process.env['PATH'],
      HOME: file('home'),
      C8Y_HOST: stack.emulator.httpsUrl,
      C8Y_TENANT: 't1001',
      C8Y_USER: 'admin',
      C8Y_PASSWORD: PASSWORD,
      C8YLP_DISABLE_PROMPTS: 'true',
      // It cannot be told to trust another certificate authority.
      C8YLP_IGNORE_SSL_VALIDATE: 'true',
    };
    writeFileSync(file('key'), sshd.privateKey, { mode: 0o600 });
    writeFileSync(file('known_hosts'), `press ${sshd.hostKeys[0]!}\n`);
    ssh = [
      ...['-F', 'none', '-i', file('key'), '-o', 'BatchMode=yes', '-o', 'HostKeyAlias=press'],
      ...['-o', `UserKnownHostsFile=${file('known_hosts')}`, '-o', 'StrictHostKeyChecking=yes'],
    ];
  }, 240_000);
  afterEach(async () => {
    if (server?.exitCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    server = undefined;
  });
  afterAll(async () => {
    await stack.stop();
    await sshd.stop();
    folder.remove();
  });

  const addEndpoint = (name: string, port: number): Promise<Endpoint> =>
    stack.addEndpoint({ name, hostname: '127.0.0.1', port, protocol: 'PASSTHROUGH' });

  const startServer = async (endpoint: string, ...options: string[]): Promise<number> => {
    const port = await closedPort();
    const args = ['server', 'gw-1', '--config', endpoint, '--port', String(port), ...options];
    server = spawn(C8YLP, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    // Not by connecting: it serves one connection at a time, and its next one waits for the
    // previous one.
    let output = '';
    server.stdout!.on('data', chunk => (output += String(chunk)));
    await waitUntil('c8ylp listens', () => output.includes('is listening'), START_TIMEOUT_MS);
    return port;
  };

  const overStdio = (): string[] => [
    ...ssh,
    '-o',
    `ProxyCommand=${C8YLP} server gw-1 --config Shell --stdio`,
  ];

  const exitCode = async (
    args: readonly string[],
    more: NodeJS.ProcessEnv = {},
  ): Promise<number> => {
    const ended = run(C8YLP, args, { env: { ...env, ...more }, timeout: START_TIMEOUT_MS });
    const failure = await ended.then(
      () => undefined,
      (cause: unknown) => cause as { code: number },
    );
    return failure?.code ?? 0;
  };

  c8ylp.can('forwards a port, and ssh signs in through it', async () => {
    const port = await startServer('Shell');
    const { stdout } = await run('ssh', [...ssh, '-p', String(port), '127.0.0.1', 'echo here'], {
      env,
    });
    expect(stdout).toBe('here\n');
    return undefined;
  });

  c8ylp.can('sends pings when it is told to, and stays connected', async () => {
    const port = await startServer('Shell', '--ping-interval', '1');
    const line = 'echo first; sleep 4; echo last';
    const { stdout } = await run('ssh', [...ssh, '-p', String(port), '127.0.0.1', line], { env });
    expect(stdout).toBe('first\nlast\n');
    return undefined;
  });

  c8ylp.can(
    'copies a large file to the machine and back, as ProxyCommand with --stdio',
    async () => {
      writeFileSync(file('local'), randomBytes(COPY_BYTES));
      const startedAt = performance.now();
      await run('scp', [...overStdio(), file('local'), `press:${file('there')}`], { env });
      const there = figures(COPY_BYTES, startedAt);
      const backAt = performance.now();
      await run('scp', [...overStdio(), `press:${file('there')}`, file('back')], { env });
      const hash = await sha256(file('local'));
      expect([await sha256(file('there')), await sha256(file('back'))]).toEqual([hash, hash]);
      return `to the machine ${there}; back ${figures(COPY_BYTES, backAt)}`;
    },
  );

  c8ylp.can('ends with its code for a failed sign-in when the password is wrong', async () => {
    const code = await exitCode(['server', 'gw-1', '--config', 'Shell', '--stdio'], {
      C8Y_PASSWORD: 'wrong',
    });
    expect(code).toBe(2);
    return `exit code ${code}`;
  });

  c8ylp.can('ends with its code for a user without permission', async () => {
    const code = await exitCode(['server', 'gw-1', '--config', 'Shell', '--stdio'], {
      C8Y_USER: 'viewer',
    });
    expect([3, 8]).toContain(code);
    return `exit code ${code}`;
  });

  c8ylp.can('loses the connection at once when the endpoint refuses it', async () => {
    await addEndpoint('Nothing there', await closedPort());
    const port = await startServer('Nothing there');
    await expect(run('ssh', [...ssh, '-p', String(port), '127.0.0.1'], { env })).rejects.toThrow(
      /closed by|reset by|Broken pipe/,
    );
    return undefined;
  });

  c8ylp.can('is refused when the endpoint has been removed meanwhile', async () => {
    const { id } = await addEndpoint('Removed', sshd.port);
    const port = await startServer('Removed');
    await stack.fetch(`/service/remoteaccess/devices/${GATEWAY}/configurations/${id}`, {
      method: 'DELETE',
    });
    await expect(run('ssh', [...ssh, '-p', String(port), '127.0.0.1'], { env })).rejects.toThrow(
      /closed by|reset by|Broken pipe/,
    );
    return undefined;
  });

  c8ylp.can('leaves no operation PENDING or EXECUTING', async () => {
    const path = `/devicecontrol/operations?deviceId=${GATEWAY}&pageSize=100`;
    await waitUntil('the end of all operations', async () => {
      const { operations } = await stack.json<{ operations: Operation[] }>(path);
      return operations.every(({ status }) => status === 'SUCCESSFUL' || status === 'FAILED');
    });
    return undefined;
  });
});
