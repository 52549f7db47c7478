import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { CliError, reportAndFail } from './cli-error.mjs';
import { inRepository } from './repository.mjs';

/** What the tests run, each with its Debian package. */
const PROGRAMS = { unshare: 'util-linux', ip: 'iproute2', ss: 'iproute2', iptables: 'iptables' };

/**
 * Runs test/network in a network namespace that has only a loopback device, on which packets are
 * dropped. Users other than root need user namespaces for that.
 */
function main() {
  const missing = Object.entries(PROGRAMS).filter(
    ([name]) => !runs('sh', '-c', `command -v ${name}`),
  );
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, one]) => one))].join(' ');
    throw new CliError(
      `There is no ${missing.map(([name]) => name).join(', ')} on this machine. ` +
        `On Debian: apt-get install ${packages}`,
    );
  }
  const namespace = ['--net', ...(userInfo().uid === 0 ? [] : ['--map-root-user'])];
  if (!runs('unshare', ...namespace, 'ip', 'link', 'set', 'lo', 'up')) {
    throw new CliError(
      'This machine gives you no network namespace: run the command as root, or allow user ' +
        'namespaces (on Debian: sysctl kernel.unprivileged_userns_clone=1).',
    );
  }
  const jest = [process.execPath, inRepository('node_modules/jest/bin/jest.js')];
  const { status } = spawnSync(
    'unshare',
    [
      ...[...namespace, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
      ...[...jest, '--selectProjects', 'network', ...process.argv.slice(2)],
    ],
    { cwd: inRepository('.'), stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function runs(program, ...args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

try {
  main();
} catch (error) {
  reportAndFail(error);
}
