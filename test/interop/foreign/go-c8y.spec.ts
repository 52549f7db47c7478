import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer, text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { startSshd, tcpTarget, temporaryFolder, waitUntil } from '@remote-access/testkit';
import type { Sshd, TcpTarget } from '@remote-access/testkit';
import { GATEWAY, PASSWORD, Stack } from '../../fixtures/stack';
import { COPY_BYTES, ForeignProgram } from './compatibility';

const run = promisify(execFile);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Our program around the library, which the Go module proxy serves. */
const SOURCES = join(__dirname, 'go-c8y-program');

const PROGRAM = join(__dirname, '..', '..', '..', '.cache', 'go', 'go-c8y-program');

const BUILD_TIMEOUT_MS = 600_000;

const PARALLEL = 20;

const [, VERSION = ''] = /go-c8y v(\S+)/.exec(readFileSync(join(SOURCES, 'go.mod'), 'utf8')) ?? [];

describe('go-c8y', () => {
  const folder = temporaryFolder('go-c8y');
  const children: ChildProcess[] = [];
  let stack: Stack;
  let sshd: Sshd;
  let echo: TcpTarget;
  let ssh: string[];

  beforeAll(async () => {
    [stack, sshd, echo] = await Promise.all([
      Stack.start(),
      startSshd(),
      tcpTarget(socket => void socket.pipe(socket)),
      run('go', ['build', '-trimpath', '-o', PROGRAM, '.'], { cwd: SOURCES }),
    ]);
    const endpoint = { hostname: '127.0.0.1', protocol: 'PASSTHROUGH' } as const;
    await stack.addEndpoint({ ...endpoint, name: 'Shell', port: sshd.port });
    await stack.addEndpoint({ ...endpoint, name: 'Echo', port: echo.port });
    const key = join(folder.path, 'key');
    writeFileSync(key, sshd.privateKey, { mode: 0o600 });
    ssh = ['-F', 'none', '-i', key, '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no'];
    ssh.push('-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR');
  }, BUILD_TIMEOUT_MS);
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    await stack.stop();
    await Promise.all([sshd.stop(), echo.stop()]);
    folder.remove();
  });

  function start(args: readonly string[], password = PASSWORD): ChildProcess {
    const env = {
      PATH: process.env['PATH'],
      HOME: folder.path,
      C8Y_HOST: stack.emulator.url,
      C8Y_TENANT: 't1001',
      C8Y_USER: 'admin',
      C8Y_PASSWORD: password,
    };
    const child = spawn(PROGRAM, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  }

  /** @returns the port of a forwarder to a configuration */
  async function forward(configuration: string): Promise<string> {
    const server = start(['server', GATEWAY, configuration]);
    const [line] = (await once(createInterface(server.stdout!), 'line')) as [string];
    return line.slice(line.lastIndexOf(':') + 1);
  }

  const library = new ForeignProgram(
    'go-c8y',
    VERSION,
    'the library that go-c8y-cli consists of: its calls, its forwarding and its real-time client',
  );

  library.can('makes its calls, and decodes what it is answered', async () => {
    const child = start(['calls', GATEWAY]);
    const answers = JSON.parse(await text(child.stdout!)) as Record<string, unknown>;
    expect(answers).toMatchObject({
      tenant: { name: 't1001' },
      user: { userName: 'admin' },
      device: { id: GATEWAY },
      devices: { managedObjects: expect.arrayContaining([]) as unknown },
      configurations: [{ name: 'Shell', port: sshd.port }, { name: 'Echo' }],
      configuration: { name: 'Shell', hostname: '127.0.0.1', protocol: 'PASSTHROUGH' },
      missing: expect.stringMatching(/^error: .*404/) as string,
      operations: { operations: expect.any(Array) as unknown },
    });
    return undefined;
  });

  library.can('serves a port, through which 20 ssh run at a time', async () => {
    const port = await forward('1');
    const sent = randomBytes(100_000);
    const hashes = await Promise.all(
      Array.from({ length: PARALLEL }, async () => {
        const child = spawn('ssh', [...ssh, '-p', port, '127.0.0.1', 'sha256sum'], {
          stdio: ['pipe', 'pipe', 'ignore'],
        });
        children.push(child);
        child.stdin.end(sent);
        return (await text(child.stdout)).slice(0, 64);
      }),
    );
    expect(hashes).toEqual(Array(PARALLEL).fill(sha256(sent)));
    await stack.operationsEnd();
    return undefined;
  });

  library.can('copies a long file with scp, byte for byte', async () => {
    const port = await forward('1');
    const sent = randomBytes(COPY_BYTES);
    const [from, to] = [join(folder.path, 'sent'), join(folder.path, 'received')];
    writeFileSync(from, sent);
    const startedAt = performance.now();
    await run('scp', [...ssh, '-P', port, from, `127.0.0.1:${to}`]);
    const seconds = (performance.now() - startedAt) / 1000;
    expect(sha256(readFileSync(to))).toBe(sha256(sent));
    return `${COPY_BYTES / 1e6} MB in ${seconds.toFixed(1)} s`;
  });

  library.can('passes on stdin and stdout, as ssh uses it for a ProxyCommand', async () => {
    const child = start(['stdio', GATEWAY, '2']);
    const sent = randomBytes(300_000);
    const received: Buffer[] = [];
    child.stdout!.on('data', (chunk: Buffer) => received.push(chunk));
    child.stdin!.write(sent);
    const bytes = (): number => received.reduce((sum, { length }) => sum + length, 0);
    await waitUntil('everything has returned', () => bytes() >= sent.length, 30_000);
    expect(sha256(Buffer.concat(received))).toBe(sha256(sent));
    const ended = once(child, 'exit');
    child.stdin!.end();
    await ended;
    await stack.operationsEnd();
    return undefined;
  });

  library.can('is refused with a wrong password, and for an endpoint that is gone', async () => {
    for (const child of [
      start(['stdio', GATEWAY, '1'], 'wrong'),
      start(['stdio', GATEWAY, '999999']),
    ]) {
      const [output, complaint] = await Promise.all([
        buffer(child.stdout!),
        text(child.stderr!),
        once(child, 'exit'),
      ]);
      expect(output).toHaveLength(0);
      expect(complaint).toContain('bad handshake');
      expect(child.exitCode).toBe(1);
    }
    return undefined;
  });

  library.can('is notified of the operation of a connect', async () => {
    const child = start(['operation', GATEWAY]);
    const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('subscribed');
    const other = start(['stdio', GATEWAY, '2']);
    other.stdin!.write('x');
    const { value } = (await lines.next()) as { value: string };
    expect(JSON.parse(value)).toMatchObject({
      data: { deviceId: GATEWAY, c8y_RemoteAccessConnect: { port: echo.port } },
    });
    return undefined;
  });
});
