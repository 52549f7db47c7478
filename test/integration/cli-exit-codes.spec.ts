import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { closedPort, tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { CommandLine, MAIN } from '../fixtures/command-line';
import { Stack } from '../fixtures/stack';

const CTRL_C = '\x03';

/** Longer than the path of a socket may be. */
const LONG_PATH = `/tmp/${'long'.repeat(30)}`;

/** A user at a terminal, without what scripts set. */
const NO_ENV = {
  REMOTE_ACCESS_URL: undefined,
  REMOTE_ACCESS_USER: undefined,
  REMOTE_ACCESS_PASSWORD: undefined,
};

describe('how commands end', () => {
  let stack: Stack;
  let echo: TcpTarget;
  let commands: CommandLine;

  beforeAll(async () => {
    [stack, echo] = await Promise.all([Stack.start(), tcpTarget()]);
    const place = { hostname: '127.0.0.1', port: echo.port };
    await stack.addEndpoint({ ...place, name: 'Echo', protocol: 'PASSTHROUGH' });
    const port = await closedPort();
    await stack.addEndpoint({
      ...place,
      port: await closedPort(),
      name: 'Old',
      protocol: 'TELNET',
    });
    await stack.addEndpoint({ ...place, port, name: 'Closed', protocol: 'PASSTHROUGH' });
  });
  beforeEach(() => (commands = new CommandLine(stack.emulator.url)));
  afterEach(() => commands.remove());
  afterAll(async () => {
    await stack.stop();
    await echo.stop();
  });

  const FAILURES: readonly [
    code: number,
    kind: string,
    what: string,
    args: readonly string[],
    message: RegExp,
    env?: NodeJS.ProcessEnv,
  ][] = [
    [2, 'usage', 'an unknown option', ['ls', '--wrong'], /unknown option '--wrong'/],
    [2, 'usage', 'an unknown command', ['lss'], /unknown command 'lss'/],
    [2, 'usage', 'a missing argument', ['sessions'], /missing required argument 'gateway'/],
    [2, 'usage', 'an invalid port', ['forward', '1001', 'Echo', '-L', '70000'], /neither a port/],
    [3, 'sign-in', 'a wrong password', ['ls'], /refused/, { REMOTE_ACCESS_PASSWORD: 'wrong' }],
    [
      ...([4, 'forbidden', 'a missing permission', ['forward', '1001', 'Echo']] as const),
      /permission/,
      { REMOTE_ACCESS_USER: 'viewer' },
    ],
    [5, 'not-found', 'an unknown gateway', ['ls', 'Nowhere'], /There is no gateway "Nowhere"/],
    [5, 'not-found', 'an empty name', ['ls', ''], /There is no gateway ""/],
    [
      ...([3, 'sign-in', 'a token of two lines', ['ls']] as const),
      /token contains characters/,
      { REMOTE_ACCESS_TOKEN: 'one\ntwo' },
    ],
    [2, 'usage', 'a folder in place of a file', ['import', '/'], /\/ cannot be read: EISDIR/],
    [2, 'usage', 'a file in a missing folder', ['export', '-o', '/no/file'], /be written: ENOENT/],
    [
      ...([2, 'usage', 'settings in something that is no folder', ['profiles']] as const),
      /cannot be read: ENOTDIR/,
      { REMOTE_ACCESS_CONFIG: '/dev/null' },
    ],
    [
      ...([2, 'usage', 'a long path', ['forward', '1001', 'Echo', '-L', LONG_PATH]] as const),
      /cannot be used: it is too long/,
    ],
    [5, 'not-found', 'an unknown endpoint', ['proxy', '1001', 'Nothing'], /Nothing/],
    [6, 'unsuitable', 'the wrong kind of endpoint', ['web', '1001', 'Old'], /of type TELNET/],
    [7, 'unreachable', 'a closed port', ['proxy', '1001', 'Closed'], /connection refused/],
    [
      ...([8, 'platform', 'a tenant that is off', ['ls']] as const),
      /cannot be reached/,
      { REMOTE_ACCESS_URL: 'http://127.0.0.1:1' },
    ],
    [
      ...([9, 'program-missing', 'a missing program', ['ssh', '1001', 'Echo']] as const),
      /ssh: not found/,
      { PATH: '/nowhere' },
    ],
  ];

  it.each(FAILURES)(
    'with %d (%s) after %s, in words and as JSON',
    async (code, kind, _what, args, message, env = {}) => {
      const inWords = await commands.run(args, { env });
      expect(inWords).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
      const asJson = await commands.run([...args, '--json'], { env });
      expect(asJson).toMatchObject({ code, stdout: '' });
      expect(asJson.stderr).toMatch(/^\{.*\}\n$/);
      expect(JSON.parse(asJson.stderr)).toMatchObject({
        error: kind,
        message: expect.stringMatching(message),
      });
    },
  );

  it('with 2 and the help if there is no command', async () => {
    expect(await commands.run([])).toMatchObject({
      ...{ code: 2, stdout: '', stderr: expect.stringContaining('Usage: remote-access') },
    });
    const { code, stderr } = await commands.run(['--json']);
    expect([code, JSON.parse(stderr)]).toEqual([
      2,
      expect.objectContaining({ error: 'usage', message: 'The command is missing.' }),
    ]);
  });

  it('with 130 after Ctrl+C, at a question and while the tenant does not answer', async () => {
    const login = commands.startAtTerminal(['login', stack.emulator.url, '-u', 'engineer'], NO_ENV);
    await waitUntil('the question', () => login.stdout.includes('Password of engineer'));
    login.process.stdin.write(CTRL_C);
    expect((await login.ended).code).toBe(130);

    const silent = await tcpTarget(() => undefined);
    const url = `http://127.0.0.1:${silent.port}`;
    const list = commands.startAtTerminal(['ls'], { REMOTE_ACCESS_URL: url });
    await waitUntil('it asks the tenant', () => silent.connections.length > 0);
    list.process.stdin.write(CTRL_C);
    expect((await list.ended).code).toBe(130);
    await silent.stop();
  });

  it('with 0 and without a word if the reader of its output has seen enough', async () => {
    const list = commands.start(['ls']);
    list.process.stdout.destroy();
    expect(await list.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('with 1 and a sentence if the disk is full', async () => {
    const toFullDisk = ['sh', '-c', 'exec "$@" > /dev/full', 'sh', process.execPath, MAIN];
    const full = new CommandLine(stack.emulator.url, 'engineer', toFullDisk);
    const stderr = 'The output cannot be written: ENOSPC.\n';
    for (const args of [['ls'], ['help'], ['export'], ['completion', 'bash']]) {
      expect(await full.run(args)).toMatchObject({ code: 1, stderr });
    }
    await full.remove();
  });

  it('with a code for each row of the reference page', () => {
    const page = readFileSync(join(__dirname, '..', '..', 'docs', 'command-line.md'), 'utf8');
    const documented = [...page.matchAll(/^\| (\d+) \| /gm)].map(([, code]) => Number(code));
    // 0 and 1 have their tests with the commands, 130 above.
    const tested = new Set([0, 1, 130, ...FAILURES.map(([code]) => code)]);
    expect(documented).toEqual([...tested].sort((left, right) => left - right));
  });

  it('failures meanwhile are JSON on stderr too', async () => {
    const web = commands.start(['web', '1001', 'Closed', '--http', '--no-open', '--json']);
    await waitUntil('it listens', () => web.stdout.includes('listening'));
    const { url } = JSON.parse(web.stdout.toString()) as { url: string };
    await expect(fetch(url)).rejects.toThrow();
    await waitUntil('the failure', () => web.stderr.includes('\n'));
    const { code, stderr } = await web.end();
    const lines = stderr.trim().split('\n');
    expect(lines.map(line => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({
        error: 'unreachable',
        message: expect.stringContaining('connection refused'),
      }),
    ]);
    expect(code).toBe(0);
  });

  describe('forward', () => {
    it('goes on if nobody reads its events', async () => {
      const forward = commands.start(['forward', '1001', 'Echo', '--json']);
      await waitUntil('it listens', () => forward.stdout.includes('\n'));
      const { port } = JSON.parse(forward.stdout.toString()) as { port: number };
      forward.process.stdout.destroy();
      for (const text of ['one', 'two']) {
        const socket = connect(port, '127.0.0.1');
        socket.write(text);
        expect(String((await once(socket, 'data'))[0])).toBe(text);
        socket.destroy();
        await once(socket, 'close');
      }
      expect(await forward.end()).toMatchObject({ code: 0, stderr: '' });
    });

    it('with 2 if the port is in use, or the file', async () => {
      const first = commands.start(['forward', '1001', 'Echo']);
      const port = await first.port();
      const second = await commands.run(['forward', '1001', 'Echo', '-L', String(port)]);
      expect(second).toMatchObject({ code: 2, stdout: '' });
      expect(second.stderr).toBe(
        `127.0.0.1:${port} cannot be used: it is in use.\n` +
          'Choose another port, or none for a free one.\n',
      );
      const file = join(commands.homePath, 'taken');
      writeFileSync(file, 'precious');
      const third = await commands.run(['forward', '1001', 'Echo', '-L', file]);
      expect(third).toMatchObject({ code: 2, stdout: '' });
      expect(third.stderr).toBe(
        `${file} cannot be used: it is in use.\n` +
          'Choose another path, or remove the file if no program uses it.\n',
      );
      expect(readFileSync(file, 'utf8')).toBe('precious');
      expect((await first.end()).code).toBe(0);
    });

    it('with 0 after Ctrl+C, which is its end, after showing the traffic in one line', async () => {
      const forward = commands.startAtTerminal(['forward', '1001', 'Echo']);
      const socket = connect(await forward.port(), '127.0.0.1');
      socket.write(Buffer.alloc(1_000));
      await once(socket, 'data');
      const line =
        /\r\x1b\[K1 open, 1\.0 kB received, 1\.0 kB sent \(received \d.*\/s, sent \d.*\/s\)/;
      await waitUntil('the line', () => line.test(forward.stdout.toString()));
      forward.process.stdin.write(CTRL_C);
      const { code, stdout } = await forward.ended;
      expect(code).toBe(0);
      expect(stdout).toMatch(/\r\x1b\[KEnded: 1\.0 kB received, 1\.0 kB sent\.\r\n$/);
      socket.destroy();
    });

    it('after showing a line that fits into a narrow terminal', async () => {
      const forward = commands.startAtTerminal(['forward', '1001', 'Echo'], {}, 20);
      await forward.port();
      await waitUntil('the line', () => forward.stdout.includes('\x1b[K0 open, 0 B receive'));
      forward.process.stdin.write(CTRL_C);
      const { stdout } = await forward.ended;
      expect(stdout).not.toContain('0 open, 0 B received');
    });
  });
});

describe('several profiles', () => {
  let stack: Stack;
  let commands: CommandLine;

  beforeAll(async () => {
    stack = await Stack.start({ agent: false });
  });
  beforeEach(() => (commands = new CommandLine(stack.emulator.url)));
  afterEach(() => commands.remove());
  afterAll(() => stack.stop());

  /** The user for whose password a command asks, which tells which profile it uses. */
  const askedUser = async (...args: string[]): Promise<string> => {
    const command = commands.startAtTerminal(args, NO_ENV);
    await waitUntil('the question', () => command.stdout.includes('Password of '));
    command.process.stdin.write(CTRL_C);
    const { stdout } = await command.ended;
    return /Password of (\S+) at /.exec(stdout)![1]!;
  };
  const add = async (profile: string, user: string): Promise<void> => {
    const env = { REMOTE_ACCESS_USER: user };
    expect((await commands.run(['login', '-p', profile], { env })).code).toBe(0);
  };

  it('are listed, chosen for one command and for all, and removed', async () => {
    await add('plant', 'engineer');
    await add('office', 't1001/operator');
    const listed = () => commands.json<object[]>(['profiles'], { env: NO_ENV });
    const { url } = stack.emulator;
    const [plant, office] = [
      { name: 'plant', url, user: 'engineer' },
      { name: 'office', url, tenant: 't1001', user: 'operator' },
    ];
    expect(await listed()).toEqual([
      { ...plant, isCurrent: true },
      { ...office, isCurrent: false },
    ]);
    expect(await askedUser('ls')).toBe('engineer');
    expect(await askedUser('ls', '-p', 'office')).toBe('operator');

    expect(await commands.run(['profiles', '--use', 'office'], { env: NO_ENV })).toMatchObject({
      ...{ code: 0, stdout: '', stderr: '' },
    });
    expect(await askedUser('ls')).toBe('operator');

    expect((await commands.run(['logout'], { env: NO_ENV })).code).toBe(0);
    expect(await listed()).toEqual([{ ...plant, isCurrent: false }]);
    const nobody = await commands.run(['ls'], { env: NO_ENV });
    expect(nobody.code).toBe(3);
    expect(nobody.stderr).toContain('remote-access profiles --use (plant)');
    expect(await askedUser('ls', '-p', 'plant')).toBe('engineer');
  });

  it.each([
    [['profiles', '--use', 'nowhere'], 3, 'There is no profile "nowhere".'],
    [['ls', '-p', 'nowhere'], 3, 'There is no profile "nowhere".'],
    [['logout', '-p', 'nowhere'], 3, 'There is no profile "nowhere".'],
    [['login', '-p', '../up'], 2, 'A profile is named with letters'],
  ])('%j is refused', async (args, code, message) => {
    const ended = await commands.run(args);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
  });
});
