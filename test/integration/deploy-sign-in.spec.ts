import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emulator } from '@remote-access/emulator';
import { waitUntil } from '@remote-access/testkit';
import { ROOT } from '../fixtures/archives';
import { RunningCommand } from '../fixtures/command-line';
import { deploy } from '../fixtures/deploy-command';
import { isHostedByTurns, PASSWORD } from '../fixtures/hosting';
import { smallPlugin, smallService } from '../fixtures/small-archives';

// Each command takes a second, and more on a busy machine.
jest.setTimeout(120_000);

describe('npm run deploy', () => {
  let emulator: Emulator;
  let folder: string;
  let args: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deploy-sign-in-'));
    emulator = await Emulator.start({
      password: PASSWORD,
      bare: true,
      asHosted: isHostedByTurns(),
    });
    args = ['--service', smallService(folder), '--plugin', smallPlugin(folder), '--check'];
  });
  afterAll(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('asks for what is not in the environment, and does not show the password', async () => {
    const main = join(ROOT, 'tools', 'deploy', 'main.mjs');
    const words = [process.execPath, main, '--url', emulator.url, ...args];
    // A terminal of its own, to which the test types: script(1) of util-linux.
    const line = words.map(word => `'${word}'`).join(' ');
    const command = new RunningCommand(['script', '-qec', line, '/dev/null'], {
      PATH: process.env['PATH'],
    });
    const asks = (what: RegExp): Promise<void> =>
      waitUntil(`it asks for ${what}`, () => what.test(command.stdout.toString()));
    await asks(/User/);
    command.process.stdin.write('t1001/admin\r');
    await asks(/Password/);
    command.process.stdin.write(`${PASSWORD}\r`);
    const { code, stdout } = await command.ended;
    expect([code, stdout]).toEqual([0, expect.stringContaining('can deploy version 0.2.0')]);
    expect(stdout).not.toContain(PASSWORD);
  });

  it('says what to set where nobody can be asked', async () => {
    const { status, errors } = await deploy(emulator.url, args, { C8Y_PASSWORD: '' });
    expect([status, errors]).toEqual([1, expect.stringContaining('C8Y_PASSWORD')]);
  });

  it('takes a token in place of user and password, and says so when it is not valid', async () => {
    const body = new URLSearchParams({
      grant_type: 'PASSWORD',
      username: 'admin',
      password: PASSWORD,
    });
    const address = `${emulator.url}/tenant/oauth?tenant_id=t1001`;
    const signedIn = await fetch(address, { method: 'POST', body });
    const cookies = signedIn.headers.getSetCookie().join('\n');
    const [, token = ''] = /^authorization=([^;]+)/m.exec(cookies) ?? [];
    const without = { C8Y_PASSWORD: '', C8Y_USER: '' };
    const good = await deploy(emulator.url, args, { ...without, C8Y_TOKEN: token });
    expect([good.status, good.errors]).toEqual([0, '']);
    const bad = await deploy(emulator.url, args, { ...without, C8Y_TOKEN: `${token}x` });
    expect(bad.errors).toContain(
      'does not accept the credentials. Check user and password, or get a new token.',
    );
    expect(bad.errors).toContain('Nothing in the tenant has been changed.');
  });
});
