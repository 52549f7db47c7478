import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@remote-access/testkit';
import { AS_ROOT } from '../fixtures/container';
import { requireCurrentBuild } from '../fixtures/program-process';

/** A DNS server that receives questions and never answers, and a program that asks it. */
const WITH_SILENT_DNS = `
require('node:dgram').createSocket('udp4').bind(53, '127.0.0.1', () => {
  const { spawn } = require('node:child_process');
  const program = spawn(process.execPath, process.argv.slice(1), { stdio: 'inherit' });
  program.once('exit', code => process.exit(code));
});
`;

/** In a network of its own. */
const ENTER = `
ip link set lo up
mount --bind "$1" /etc/resolv.conf
shift
exec "$@"
`;

const folder = temporaryFolder('slow-names');
const path = (name: string): string => join(folder.path, name);
const main = join(__dirname, '..', '..', 'apps', 'agent', 'dist', 'main.js');

beforeAll(() => {
  requireCurrentBuild();
  writeFileSync(path('resolv.conf'), 'nameserver 127.0.0.1\n');
  writeFileSync(
    path('agent.toml'),
    [
      'platform.url = "https://tenant.test"',
      'device.external_id = "gw-1"',
      'device.user = "t1001/device_gw-1"',
      'device.password = "secret"',
    ].join('\n'),
    { mode: 0o600 },
  );
});
afterAll(() => folder.remove());

const run = (...args: string[]): Promise<{ code: number; output: string }> =>
  new Promise(resolve => {
    const [command = '', ...rest] = [
      ...[...AS_ROOT, 'unshare', '--mount', '--net', 'sh', '-c', ENTER, 'sh'],
      ...[path('resolv.conf'), process.execPath, '-e', WITH_SILENT_DNS, main, ...args],
      ...['--settings', path('agent.toml')],
    ];
    execFile(command, rest, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });

it('check names the DNS server that does not answer, and says what to do', async () => {
  const { code, output } = await run('check');
  expect(output).toMatch(
    /FAILED {2}platform: the DNS server did not resolve tenant\.test within 8 s\n +Check the DNS server of this gateway, and platform\.url\./,
  );
  expect(code).toBe(1);
}, 90_000);
