import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@remote-access/testkit';
import { CommandLine } from '../fixtures/command-line';
import { Stack } from '../fixtures/stack';

jest.setTimeout(180_000);

const ROOT = join(__dirname, '..', '..');
const folder = temporaryFolder('cli-package');
const installed = join(folder.path, 'installed');
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', cwd: folder.path });

/** Without a registry, and without what npm has in its cache. */
const OFFLINE = ['--offline', '--no-audit', '--no-fund', '--cache', join(folder.path, 'cache')];

describe('the npm package of the command line', () => {
  let stack: Stack;
  let commands: CommandLine;

  beforeAll(async () => {
    stack = await Stack.start({ agent: false });
    run(process.execPath, join(ROOT, 'tools', 'pack-programs', 'cli.mjs'), '--out', folder.path);
    const archive = readdirSync(folder.path).find(name => name.endsWith('.tgz'))!;
    run('npm', 'install', '--prefix', installed, ...OFFLINE, join(folder.path, archive));
    const program = join(installed, 'node_modules', '.bin', 'remote-access');
    commands = new CommandLine(stack.emulator.url, 'engineer', [program]);
  });
  afterAll(async () => {
    await commands.remove();
    await stack.stop();
    folder.remove();
  });

  it('is installed without a registry, and knows its version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await commands.run(['--version'])).toEqual({
      ...{ code: 0, stdout: `${version}\n`, stderr: '' },
    });
  });

  it('signs in, lists gateways, and says that it keeps no password without a store', async () => {
    const gateways = await commands.json<{ name: string }[]>(['ls', '--all']);
    expect(gateways.map(({ name }) => name)).toEqual(['Factory gateway', 'Spare gateway']);
    const { code, stderr } = await commands.run(['login', '-p', 'plant']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('The password is not kept')]);
  });

  it('contains neither tests nor sources', () => {
    const own = join(installed, 'node_modules', 'remote-access');
    const files = readdirSync(own, { recursive: true }).map(String);
    expect(files).toContain('dist/main.js');
    expect(files.filter(name => /\.(spec|fixture)\.|\.ts$|\.map$/.test(name))).toEqual([]);
  });
});
