import { execFile, fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect } from '@playwright/test';
import { archives, ROOT } from '../fixtures/archives';
import { ConsoleWatch } from './console-watch';
import { PROMPT, screenText, typeLine } from './terminal-page';
import { PASSWORD, SHELL_WITHIN_MS, tab } from './test';

const run = promisify(execFile);

interface SshTarget {
  readonly port: number;
  readonly userName: string;
  readonly privateKey: string;
}

/** A platform without remote access, the shell that was built without the plugin, and an agent. */
class BarePlatform {
  readonly folder = mkdtempSync(join(tmpdir(), 'deployed-'));
  url = '';
  private readonly children: ChildProcess[] = [];

  async start(): Promise<void> {
    const shell = join(ROOT, 'apps/shell/dist/shell');
    const log = this.spawn('emulator', { PASSWORD }, [
      ...['--port', '0', '--bare', '--run-uploads', '--as-hosted'],
      ...['--apps', `devicemanagement=${shell}`, '--apps', `administration=${shell}`],
      ...['--apps', `public/login=${join(ROOT, 'apps/shell/dist/login')}`],
    ]);
    await expect.poll(() => readFileSync(log, 'utf8'), { timeout: 60_000 }).toContain('"ready"');
    const [line = ''] = readFileSync(log, 'utf8').split('\n');
    this.url = (JSON.parse(line) as { ready: string }).ready.replace(/\/$/, '');
  }

  /** An SSH server on this machine, known only to the agent. */
  async startTarget(): Promise<SshTarget> {
    const child = fork(join(ROOT, 'tools/demo-target/dist/main.js'), {
      // Its shells do not read the profile of the user who runs the tests, which may take
      // arbitrarily long.
      env: { ...process.env, TMPDIR: this.folder, HOME: this.folder },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.children.push(child);
    const [target] = (await once(child, 'message')) as [SshTarget];
    return target;
  }

  startAgent(): void {
    this.spawn('agent', {
      C8Y_BASEURL: this.url,
      DEVICE_USER: 't1001/device_gw-1',
      DEVICE_PASSWORD: PASSWORD,
      DEVICE_EXTERNAL_ID: 'gw-1',
    });
  }

  /** Runs the command of the documentation. */
  async deploy(...args: string[]): Promise<string> {
    const main = join(ROOT, 'tools/deploy/main.mjs');
    const { stdout } = await run(
      process.execPath,
      [main, '--url', this.url, '--user', 't1001/admin', ...args],
      { env: { PATH: process.env['PATH'], C8Y_PASSWORD: PASSWORD } },
    );
    return stdout;
  }

  async stop(): Promise<void> {
    for (const child of this.children.reverse()) {
      if (child.exitCode !== null) continue;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private spawn(program: string, env: NodeJS.ProcessEnv, args: string[] = []): string {
    const log = join(this.folder, `${program}.log`);
    const output = openSync(log, 'w');
    const main = join(ROOT, 'apps', program, 'dist/main.js');
    const child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', output, output],
    });
    this.children.push(child);
    return log;
  }
}

// Packing, compiling two shells for the first time, and starting a service.
base.setTimeout(600_000);

base(
  'what npm run pack makes is deployed, used in a browser, and removed again',
  async ({ page }) => {
    const packed = await archives();
    const platform = new BarePlatform();
    const watch = new ConsoleWatch(page);
    await platform.start();
    try {
      const target = await platform.startTarget();
      await base.step('deploys', async () => {
        const files = ['--service', packed.service, '--plugin', packed.plugin];
        const output = await platform.deploy(...files);
        expect(output).toContain(`Version ${packed.version} is deployed and healthy`);
        expect(output).toContain('100 % of');
        // Again: nothing is created twice.
        const again = await platform.deploy(...files);
        expect(again).toContain(`Version ${packed.version} of the plugin is already uploaded`);
        expect(again).toContain('There is no automatic way back');
      });
      platform.startAgent();

      await base.step('signs in, adds an endpoint and connects', async () => {
        await page.goto(`${platform.url}/apps/public/login/`);
        await page.getByLabel('Username').fill('engineer');
        await page.getByLabel('Password').fill(PASSWORD);
        await page.getByRole('button', { name: 'Sign in' }).click();
        const heading = page.getByRole('heading', { name: 'All devices' });
        await expect(heading).toBeVisible({ timeout: SHELL_WITHIN_MS });
        await page.getByRole('link', { name: 'Factory gateway' }).press('Enter');
        await tab(page, 'Remote access').click();
        await page.getByRole('button', { name: 'Add endpoint' }).first().click();
        await page.getByLabel('Name', { exact: true }).fill('Press controller');
        await page.getByLabel('Host', { exact: true }).fill('127.0.0.1');
        await page.getByLabel('Port', { exact: true }).fill(String(target.port));
        await page.getByLabel('Sign-in method').selectOption({ label: 'Public/private keys' });
        await page.getByLabel('Username').fill(target.userName);
        await page.getByRole('textbox', { name: 'Private key' }).fill(target.privateKey);
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('button', { name: 'Connect to Press controller' }).click();
        await page.getByRole('button', { name: 'Save and connect' }).click();
        await expect.poll(() => screenText(page), { timeout: 60_000 }).toMatch(PROMPT);
        await typeLine(page, 'echo deployed-$((6*7))');
        await expect.poll(() => screenText(page)).toMatch(/^deployed-42$/m);
        expect(watch.complaints).toEqual([]);
      });
      await page.close();

      await base.step('removes it', async () => {
        expect(await platform.deploy('--remove')).toContain('These stay');
        const { status } = await fetch(`${platform.url}/service/remoteaccess/health`);
        expect(status).toBe(503);
      });
    } finally {
      await platform.stop();
    }
  },
);
