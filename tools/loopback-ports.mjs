import { createServer } from 'node:net';
import { Trouble } from './trouble.mjs';

export const LOOPBACK = '127.0.0.1';

/**
 * The port that a variable asks for; 0 asks for any free one.
 *
 * @param {string} variable its name, for the message
 * @param {string} value
 * @returns {Promise<number>} a port that nobody listens on at this moment
 * @throws {Trouble} when it is no port, or taken
 */
export async function chosenPort(variable, value) {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) {
    throw new Trouble(`${variable}=${value} is no port; give a number from 1 to 65535.`);
  }
  try {
    return await listenOnce(Number(value));
  } catch (error) {
    switch (/** @type {NodeJS.ErrnoException} */ (error).code) {
      case 'EADDRINUSE':
        throw new Trouble(
          `Port ${value} is taken by another program; stop that one, or choose another port: ` +
            `${variable}=${Number(value) + 1} npm start`,
        );
      case 'EACCES':
        throw new Trouble(
          `Port ${value} is not for ordinary users; choose one above 1023: ${variable}=8080 npm start`,
        );
      default:
        throw error;
    }
  }
}

export function freePort() {
  return listenOnce(0);
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
