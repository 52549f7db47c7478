import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { CliError } from './cli-error.mjs';

export const LOOPBACK = '127.0.0.1';

/**
 * What systems give to outgoing connections lies above (ip_local_port_range of Linux, RFC 6335): one
 * of those could take a port that was found free, before who it was found for listens on it. Tests
 * find theirs above these as well (closedPort).
 */
const FREE_PORTS = { from: 20_000, to: 25_999 };

const ATTEMPTS = 20;

/** @type {Set<number>} */
const givenOut = new Set();

/**
 * The port that a variable asks for; 0 asks for any free one.
 *
 * @param {string} variable its name, for the message
 * @param {string} value
 * @returns {Promise<number>} a port that nobody listens on at this moment
 * @throws {CliError} when it is no port, or taken
 */
export async function chosenPort(variable, value) {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) {
    throw new CliError(`${variable}=${value} is no port; give a number from 1 to 65535.`);
  }
  if (Number(value) === 0) return freePort();
  try {
    return await listenOnce(Number(value));
  } catch (error) {
    switch (/** @type {NodeJS.ErrnoException} */ (error).code) {
      case 'EADDRINUSE':
        throw new CliError(
          `Port ${value} is taken by another program; stop that one, or choose another port: ` +
            `${variable}=${Number(value) + 1} npm start`,
        );
      case 'EACCES':
        throw new CliError(
          `Port ${value} is not for ordinary users; choose one above 1023: ${variable}=8080 npm start`,
        );
      default:
        throw error;
    }
  }
}

/**
 * A port that nobody listens on, that no outgoing connection takes, and never the same again.
 *
 * @throws {CliError} when none was found
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
        `None of ${ATTEMPTS} ports from ${FREE_PORTS.from} to ${FREE_PORTS.to} could be had ` +
          `(${/** @type {Error} */ (error).message}); end what listens there.`,
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
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address
          ? resolve(address.port)
          : reject(new Error('A TCP server without an address')),
      );
    });
  });
}
