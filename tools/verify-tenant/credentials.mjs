import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError } from '../cli-error.mjs';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * The address of the tenant that a command is given as `--url`.
 *
 * @param {string | undefined} address
 * @param {string} usage shown if it is missing or malformed
 * @throws {CliError} if the password must not be sent there
 */
export function readTenantUrl(address, usage) {
  if (!address) throw new CliError(`--url is missing.\n\n${usage}`);
  if (!URL.canParse(address)) {
    throw new CliError(
      `--url ${address} is not an address like https://tenant.example.com.\n\n${usage}`,
    );
  }
  const url = new URL(address);
  const isLocal = url.protocol === 'http:' && LOOPBACK.includes(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) {
    throw new CliError('--url must begin with https://, because the password is sent there.');
  }
  if (url.username || url.password) {
    throw new CliError('--url must not contain a password; set C8Y_PASSWORD, or wait to be asked.');
  }
  return url;
}

/** Discards the echo of typed characters. */
const SILENT = new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * Reads C8Y_TENANT, C8Y_USER and C8Y_PASSWORD, and asks for missing ones on the terminal.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('./tenant.mjs').Credentials>}
 * @throws {CliError} if something is missing and there is no terminal
 */
export async function readCredentials(env) {
  const tenant = env['C8Y_TENANT'] || (await ask('Tenant id (such as t12345)', 'C8Y_TENANT'));
  const user = env['C8Y_USER'] || (await ask('User', 'C8Y_USER'));
  const password = env['C8Y_PASSWORD'] || (await ask('Password', 'C8Y_PASSWORD', true));
  // Some users write it with the tenant in front, as in a Basic header.
  return { tenant, user: user.slice(user.indexOf('/') + 1), password };
}

/**
 * @param {string} what
 * @param {string} variable
 * @param {boolean} [isSecret]
 */
export async function ask(what, variable, isSecret = false) {
  if (!process.stdin.isTTY) {
    throw new CliError(`Set ${variable}, or run this in a terminal to be asked.`);
  }
  const terminal = createInterface({
    input: process.stdin,
    output: isSecret ? SILENT : process.stderr,
    terminal: true,
  });
  try {
    // Printed only after the terminal has stopped echoing; to standard error, so that the report
    // can be redirected.
    process.stderr.write(`${what}: `);
    const answer = await terminal.question('');
    if (isSecret) process.stderr.write('\n');
    if (answer === '') throw new CliError(`${what} is missing.`);
    return answer;
  } finally {
    terminal.close();
  }
}
