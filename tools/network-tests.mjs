import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { inRepository } from './repository.mjs';

/**
 * Runs test/network in a network namespace that has only a loopback device, on which packets are
 * dropped. Users other than root need user namespaces for that.
 */
const jest = [process.execPath, inRepository('node_modules/jest/bin/jest.js')];
const args = [
  ...['--net', ...(userInfo().uid === 0 ? [] : ['--map-root-user'])],
  ...['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
  ...[...jest, '--selectProjects', 'network', ...process.argv.slice(2)],
];
const { status, error } = spawnSync('unshare', args, { cwd: inRepository('.'), stdio: 'inherit' });
if (error) console.error(`${error.message}. It takes util-linux, iproute2 and iptables.`);
process.exitCode = status ?? 1;
