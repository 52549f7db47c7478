import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@remote-access/testkit';

/** Packing compresses Node.js. */
jest.setTimeout(300_000);

const ROOT = join(__dirname, '..', '..');
const folder = temporaryFolder('packages');
const root = join(folder.path, 'root');
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
let debian: string;

beforeAll(() => {
  run(process.execPath, join(ROOT, 'tools', 'pack-agent', 'main.mjs'), '--out', folder.path);
  debian = join(
    folder.path,
    readdirSync(folder.path).find(name => name.endsWith('.deb'))!,
  );
  run('dpkg-deb', '-x', debian, root);
}, 300_000);
afterAll(() => folder.remove());

it('the Debian package contains the agent, its own Node.js, and settings that explain themselves', () => {
  const lib = join(root, 'usr/lib/remote-access-agent');
  const help = run(join(lib, 'node'), join(lib, 'app/dist/main.js'), '--help');
  expect(help).toMatch(/^Usage: remote-access-agent/);
  const settings = readFileSync(join(root, 'etc/remote-access-agent/agent.toml'), 'utf8');
  expect(settings.split('\n').filter(line => /^\w/.test(line))).toEqual([
    'socket = "/run/remote-access-agent/status.sock"',
  ]);
  expect(statSync(join(root, 'usr/bin/remote-access-agent')).mode & 0o111).toBe(0o111);
  expect(run('dpkg-deb', '-f', debian, 'Depends')).not.toContain('nodejs');
});

it('the unit is valid, and its exposure is below 2.0 (security)', () => {
  const unit = 'remote-access-agent.service';
  const text = readFileSync(join(root, 'lib/systemd/system', unit), 'utf8');
  const path = join(folder.path, unit);
  writeFileSync(path, text.replaceAll('/usr/bin/remote-access-agent', '/bin/true'));
  expect(run('systemd-analyze', 'verify', '--man=no', path)).toBe('');
  const judged = run('systemd-analyze', 'security', '--offline=yes', path);
  const [, exposure] = /exposure level for [^:]*: (\d+\.\d)/.exec(judged)!;
  expect(Number(exposure)).toBeLessThan(2);
});

it('the npm package runs with its own contents only', () => {
  const archive = readdirSync(folder.path).find(name => name.endsWith('.tgz'))!;
  run('tar', '-xzf', join(folder.path, archive), '-C', folder.path);
  const program = join(folder.path, 'package/bin/remote-access-agent.mjs');
  expect(run(process.execPath, program, '--help')).toMatch(/^Usage: remote-access-agent/);
});
