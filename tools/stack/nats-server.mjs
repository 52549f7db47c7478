import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CliError } from '../cli-error.mjs';

/** Where Debian installs it, which may not be in PATH. */
const FOLDERS = ['/usr/sbin', '/usr/local/bin'];

const MOST_REPLICAS = 9;

/**
 * How many microservices REPLICAS asks for.
 *
 * @throws {CliError} if it is not a number, or there is no broker for several replicas
 */
export function replicaCount() {
  const text = process.env['REPLICAS'] || '1';
  const count = Number(text);
  if (!/^\d$/.test(text) || count < 1) {
    throw new CliError(`REPLICAS=${text} is not a number from 1 to ${MOST_REPLICAS}.`);
  }
  if (count > 1 && !process.env['NATS_URL']) natsServer();
  return count;
}

/**
 * @param {readonly string[]} [folders] where to look; by default PATH and where Debian installs it
 * @returns {string} the path of nats-server
 * @throws {CliError} if it is not installed
 */
export function natsServer(
  folders = [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS],
) {
  const found = folders.map(folder => join(folder, 'nats-server')).find(path => existsSync(path));
  if (found) return found;
  throw new CliError(
    'REPLICAS needs a NATS server: install it (on Debian: apt-get install nats-server), or set ' +
      'NATS_URL to one that runs.',
  );
}
