import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { basic } from '../fixtures/stack';
import { type Flood, Repetition, type Victim } from './flood';

const BODY_BYTES = 1024 * 1024;

/** The delay before a refused or disconnected attacker returns. */
const AGAIN_MS = 500;

/** Repeatedly sends half of a body and waits for the response. */
export function unfinishedBodies(
  name: string,
  { serviceUrl, device }: Victim,
  headers: Readonly<Record<string, string>>,
  atOnce: number,
): Flood {
  const open = new Set<Socket>();
  const { hostname, port } = new URL(serviceUrl);
  const lines = Object.entries({
    Host: 'localhost',
    'Content-Type': 'application/json',
    'Content-Length': String(BODY_BYTES),
    ...headers,
  }).map(([field, value]) => `${field}: ${value}`);
  const head = [`POST /devices/${device}/configurations HTTP/1.1`, ...lines, '', ''].join('\r\n');
  const half = Buffer.alloc(BODY_BYTES / 2, ' ');
  const requests = new Repetition(name, 'requests', atOnce, AGAIN_MS, async () => {
    const socket = connect(Number(port), hostname);
    open.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(head);
    socket.write(half);
    await once(socket, 'close');
    open.delete(socket);
  });
  return {
    name,
    get amount() {
      return requests.amount;
    },
    stop: () => {
      requests.stop();
      for (const socket of open) socket.destroy();
    },
  };
}

/** The number of user names for which passwords are guessed. */
const NAMES = 200;

/** Guesses passwords of many users, and more often that of one. */
export function failedSignIns(name: string, { serviceUrl }: Victim, user: string): Flood {
  return new Repetition(name, 'guesses', 20, 20, async turn => {
    const claimed = turn % 2 === 0 ? user : `user-${turn % NAMES}`;
    const headers = { authorization: basic(claimed, `guess ${turn}`) };
    // A separate connection for each, as from many attackers.
    const guess = get(`${serviceUrl}/settings`, { headers, agent: false });
    const [answer] = (await once(guess, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'close');
  });
}
