import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tcpTarget, temporaryFolder, type TcpTarget } from '@remote-access/testkit';
import { PASSWORD, Stack } from '../fixtures/stack';
import { inThrowAwayRoot } from '../fixtures/throw-away-root';

/** Packing compresses Node.js. */
jest.setTimeout(300_000);

const ROOT = join(__dirname, '..', '..');
const folder = temporaryFolder('packages');
const root = join(folder.path, 'root');
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
let debian: string;

beforeAll(() => {
  run(process.execPath, join(ROOT, 'tools', 'pack-programs', 'agent.mjs'), '--out', folder.path);
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
  expect(Number(run('dpkg-deb', '-f', debian, 'Installed-Size'))).toBeGreaterThan(40_000);
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

it('the npm package is installed without a registry, and runs', () => {
  const archive = readdirSync(folder.path).find(name => name.endsWith('.tgz'))!;
  const prefix = join(folder.path, 'prefix');
  const offline = ['--offline', '--no-audit', '--no-fund', '--cache', join(folder.path, 'cache')];
  run('npm', 'install', '--global', '--prefix', prefix, ...offline, join(folder.path, archive));
  const program = join(prefix, 'bin', 'remote-access-agent');
  expect(run(program, '--help')).toMatch(/^Usage: remote-access-agent/);
});

/** Scripts in place of programs that a container does not have, or that would wait for a person. */
const STAND_INS = {
  sudo: 'exec "$@"',
  editor: 'cat /throw-away/settings.toml > "$1"',
  systemctl: 'echo "systemctl $*"',
};

describe('the Debian package, installed with apt in a copy of this system', () => {
  let stack: Stack;
  let target: TcpTarget;
  let output: string;
  const parts = (): string[] => output.split(/^== .*\n/m).map(part => part.trim());

  beforeAll(async () => {
    [stack, target] = await Promise.all([Stack.start({ agent: false }), tcpTarget()]);
    const settings = [
      `platform.url = "${stack.emulator.url}"`,
      'device.external_id = "gw-1"',
      'device.user = "t1001/device_gw-1"',
      `device.password = "${PASSWORD}"`,
      'status.socket = "/run/remote-access-agent/status.sock"',
    ].join('\n');
    writeFileSync(join(folder.path, 'settings.toml'), settings);
    const bin = join(folder.path, 'stand-ins');
    mkdirSync(bin);
    for (const [name, text] of Object.entries(STAND_INS)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    // As if systemd ran, for the maintainer scripts.
    const script = `
      set -e
      cp --remove-destination stand-ins/* /usr/bin
      mkdir -p /run/systemd/system
      export DEBIAN_FRONTEND=noninteractive
      echo == documented
      ${documentedCommands().replace('192.168.10.20:22', `127.0.0.1:${target.port}`)}
      echo == installed
      dpkg-query --show --showformat '\${Status}\\n' remote-access-agent
      stat --format '%a %U %G %n' /etc/remote-access-agent /etc/remote-access-agent/agent.toml
      getent passwd remote-access-agent
      echo == running
      touch log
      install -d -o remote-access-agent -m 700 /run/remote-access-agent
      setpriv --reuid remote-access-agent --regid remote-access-agent --init-groups --no-new-privs \
        remote-access-agent run --settings /etc/remote-access-agent/agent.toml > /throw-away/log &
      agent=$!
      until grep -q '"event":"ready"' /throw-away/log; do
        kill -0 $agent
        sleep 0.1
      done
      remote-access-agent status
      kill $agent
      wait $agent
      echo == upgraded
      dpkg --install ./remote-access-agent_*.deb
      echo == removed
      apt-get remove --yes remote-access-agent
      ls /etc/remote-access-agent /usr/bin/remote-access-agent 2>&1 || true
      echo == purged
      apt-get purge --yes remote-access-agent
      ls -d /etc/remote-access-agent /var/lib/remote-access-agent /usr/lib/remote-access-agent 2>&1 || true
      getent passwd remote-access-agent || echo no user`;
    const files = [debian, bin, join(folder.path, 'settings.toml')];
    const { code, output: shown } = await inThrowAwayRoot(script, files);
    output = shown;
    if (code !== 0) throw new Error(`It ended with ${code}:\n${output}`);
  });
  afterAll(async () => {
    await stack.stop();
    await target.stop();
  });

  it('is installed, checked and enabled by the commands of docs/connect-your-gateway.md', () => {
    const [, documented] = parts();
    expect(documented).toContain('Setting up remote-access-agent');
    expect(documented).toContain('systemctl daemon-reload');
    expect(documented).toContain(
      "Write /etc/remote-access-agent/agent.toml, run 'remote-access-agent check'",
    );
    expect(documented).toContain(`target: connected to 127.0.0.1:${target.port}`);
    expect(documented).toContain('Everything is in order.');
    expect(documented).toMatch(/systemctl enable --now remote-access-agent$/);
  });

  it('has a user of its own, who alone reads the settings with root (security)', () => {
    const [, , installed] = parts();
    expect(installed!.split('\n')).toEqual([
      'install ok installed',
      '750 root remote-access-agent /etc/remote-access-agent',
      '640 root remote-access-agent /etc/remote-access-agent/agent.toml',
      expect.stringMatching(
        /^remote-access-agent:x:\d+:\d+::\/var\/lib\/remote-access-agent:\/usr\/sbin\/nologin$/,
      ),
    ]);
  });

  it('serves the platform as that user, and says so', () => {
    const [, , , running] = parts();
    expect(running).toMatch(/^gw-1 at http:.* over rest, running since /);
  });

  it('keeps its settings when upgraded and removed, and leaves nothing when purged', () => {
    const [, , , , upgraded, removed, purged] = parts();
    expect(upgraded).toContain('systemctl try-restart remote-access-agent.service');
    expect(removed).toContain('systemctl disable --now remote-access-agent.service');
    expect(removed).toMatch(/cannot access '\/usr\/bin\/remote-access-agent'/);
    expect(removed).toMatch(/^agent\.toml$/m);
    for (const path of ['/etc', '/var/lib', '/usr/lib']) {
      expect(purged).toContain(`cannot access '${path}/remote-access-agent'`);
    }
    expect(purged).toMatch(/\nno user$/);
  });
});

/** The commands with which the page installs this package. */
function documentedCommands(): string {
  const page = readFileSync(join(ROOT, 'docs', 'connect-your-gateway.md'), 'utf8');
  return /^```sh run in a copy of the system\n([\s\S]*?)^```/m.exec(page)![1]!;
}
