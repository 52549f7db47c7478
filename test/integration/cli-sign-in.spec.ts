import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { oneTimeCode } from '@remote-access/emulator';
import { waitUntil } from '@remote-access/testkit';
import { CommandLine } from '../fixtures/command-line';
import { PASSWORD, Stack } from '../fixtures/stack';

const TOTP_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('signing in on the command line', () => {
  let stack: Stack;
  let commands: CommandLine;

  beforeAll(async () => {
    stack = await Stack.start({ agent: false });
    const { accounts } = stack.emulator.store.tenant('t1001')!;
    accounts.put({ ...accounts.get('admin')!, totpSecret: TOTP_SECRET });
  });
  beforeEach(() => (commands = new CommandLine(stack.emulator.url)));
  afterEach(() => commands.remove());
  afterAll(() => stack.stop());

  /** The environment of a user at a terminal, without what scripts set. */
  const noEnv = {
    REMOTE_ACCESS_URL: undefined,
    REMOTE_ACCESS_USER: undefined,
    REMOTE_ACCESS_PASSWORD: undefined,
  };

  it('takes user and password from the environment', async () => {
    const gateways = await commands.json<{ id: string; name: string }[]>(['ls', '--all']);
    expect(gateways.map(({ name }) => name)).toEqual(['Factory gateway', 'Spare gateway']);
  });

  it('takes a token from the environment', async () => {
    const { accessToken } = await stack.signIn('operator');
    const env = {
      ...noEnv,
      REMOTE_ACCESS_URL: stack.emulator.url,
      REMOTE_ACCESS_TOKEN: accessToken,
    };
    expect((await commands.run(['ls', '--all'], { env })).stdout).toContain('Factory gateway');
  });

  it('exits with 3 and a hint if nobody is signed in, or the password is wrong', async () => {
    const nobody = await commands.run(['ls'], { env: noEnv });
    expect(nobody.code).toBe(3);
    expect(nobody.stderr).toContain('remote-access login');

    const wrong = await commands.run(['ls'], { env: { REMOTE_ACCESS_PASSWORD: 'not-the-one' } });
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain('The sign-in was refused.');
    expect(wrong.stderr).not.toContain('not-the-one');
  });

  it('needs the one-time code of a second factor', async () => {
    const admin = { REMOTE_ACCESS_USER: 't1001/admin' };
    const without = await commands.run(['ls'], { env: admin });
    expect(without.code).toBe(3);
    expect(without.stderr).toContain('one-time code');

    const code = oneTimeCode(TOTP_SECRET, new Date());
    const withCode = await commands.run(['ls', '--all'], {
      env: { ...admin, REMOTE_ACCESS_TOTP: code },
    });
    expect(withCode).toMatchObject({ code: 0 });

    const wrong = await commands.run(['ls'], { env: { ...admin, REMOTE_ACCESS_TOTP: '000000' } });
    expect(wrong.code).toBe(3);
  });

  it('never sends credentials over plain HTTP to another machine', async () => {
    const { code, stderr } = await commands.run(['ls'], {
      env: { REMOTE_ACCESS_URL: 'http://tenant.example.com' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('https://');
  });

  it('stores no secret in the profile if the system has no store', async () => {
    const { code, stderr } = await commands.run(['login', '--profile', 'plant']);
    expect(code).toBe(0);
    expect(stderr).toContain('is not kept');
    const file = join(commands.homePath, 'config', 'profiles.json');
    expect(readFileSync(file, 'utf8')).not.toContain(PASSWORD);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const profiles = await commands.json<unknown[]>(['profiles'], { env: noEnv });
    expect(profiles).toEqual([
      { name: 'plant', url: stack.emulator.url, user: 'engineer', isCurrent: true },
    ]);
    const unattended = await commands.run(['ls'], { env: noEnv });
    expect(unattended.code).toBe(3);
    expect(unattended.stderr).toContain('No password for engineer');

    expect((await commands.run(['logout', '--profile', 'plant'], { env: noEnv })).code).toBe(0);
    expect(await commands.json(['profiles'], { env: noEnv })).toEqual([]);
  });

  it('never sends a credential from the environment to the address of a profile', async () => {
    await commands.run(['login', '--profile', 'plant']);
    const { code, stderr } = await commands.run(['ls', '--profile', 'plant'], {
      env: { REMOTE_ACCESS_URL: 'https://elsewhere.example.com' },
    });
    expect(code).toBe(3);
    expect(stderr).toContain('No password for engineer');
  });

  it('asks at the terminal, and shows no password', async () => {
    const args = ['login', stack.emulator.url, '--user', 'engineer', '--profile', 'asked'];
    const command = commands.startAtTerminal(args, noEnv);
    await waitUntil('the question', () => command.stdout.includes('Password of engineer'));
    command.process.stdin.write(`${PASSWORD}\r`);
    const { code, stdout } = await command.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('Signed in as engineer');
    expect(stdout).not.toContain(PASSWORD);
  });
});
