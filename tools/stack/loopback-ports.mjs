import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { CliError } from '../cli-error.mjs';

export const LOOPBACK = '127.0.0.1';

/**
 * Below the ports of outgoing connections (ip_local_port_range of Linux, RFC 6335), which could
 * take a port between the check that it is free and the start of the program that listens on it.
 * The ports of the tests (closedPort) are above these.
 */
const FREE_PORTS = { from: 20_000, to: 25_999 };

const ATTEMPTS = 20;

/** @type {Set<number>} */
const givenOut = new Set();

/**
 * The port set by an environment variable; 0 means any free port.
 *
 * @param {string} variable its name, for the message
 * @param {string} value
 * @returns {Promise<number>} a port on which nothing listens at this moment
 * @throws {CliError} if it is not a port number, is taken, or was given to another part
 */
export async function chosenPort(variable, value) {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) {
    throw new CliError(`${variable}=${value} is not a port number; use a number from 1 to 65535.`);
  }
  const chosen = Number(value);
  if (chosen === 0) return freePort();
  if (givenOut.has(chosen)) {
    throw new CliError(
      `${variable}=${chosen} is the port of another part of the stack; choose another port: ` +
        `${variable}=0 npm start`,
    );
  }
  try {
    givenOut.add(await listenOnce(chosen));
    return chosen;
  } catch (error) {
    switch (/** @type {NodeJS.ErrnoException} */ (error).code) {
      case 'EADDRINUSE':
        throw new CliError(
          `Port ${value} is taken by another program; stop that one, or choose another port: ` +
            `${variable}=${chosen < 65_535 ? chosen + 1 : 0} npm start`,
        );
      case 'EACCES':
        throw new CliError(
          `Port ${value} needs root privileges; choose one above 1023: ${variable}=0 npm start`,
        );
      default:
        throw error;
    }
  }
}

/**
 * A port on which nothing listens and that outgoing connections do not use; a different one on each
 * call.
 *
 * @throws {CliError} if none was found
 */
export async function freePort() {
  for (let attempt = 1; ; attempt += 1) {
    const port = randomInt(FREE_PORTS.from, FREE_PORTS.to + 1);
    if (givenOut.has(port)) continue;
    try {
      await listenOnce(port);
      givenOut.add(port);
      return port;
    } catch (error) {
      if (attempt < ATTEMPTS) continue;
      throw new CliError(
        `None of ${ATTEMPTS} ports from ${FREE_PORTS.from} to ${FREE_PORTS.to} is free ` +
          `(${/** @type {Error} */ (error).message}); stop the programs that listen there.`,
      );
    }
  }
}

/**
 * @param {number} port
 * @returns {Promise<number>}
 */
function listenOnce(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address
          ? resolve(address.port)
          : reject(new Error('The TCP server has no address')),
      );
    });
  });
}
