// Both ends of many idle sessions for `npm run bench -- idle-relay`, in a separate process, because
// the number of open files is limited per process.
import { setTimeout as pause } from 'node:timers/promises';
import { FramedConnection } from '@remote-access/relay';
import type { Socket } from 'node:net';
import { PassthroughSessions } from './relay-sessions';

/** Tells the process where to open sessions, and how many. */
export interface IdleRelayOrder {
  readonly url: string;
  readonly password: string;
  readonly endpointId: string;
  readonly port: number;
  readonly users: readonly string[];
  readonly count: number;
}

/** Sessions opened concurrently. */
const AT_ONCE = 50;

const POLL_MS = 20;

function main(): void {
  const clients: FramedConnection[] = [];
  const gateways: FramedConnection[] = [];
  let arrived = 0;
  const take = (socket: Socket): FramedConnection => {
    const options = { role: 'client', protocol: '', maxMessageBytes: 1024 } as const;
    const connection = new FramedConnection(socket, options);
    connection.once('close', code => {
      if (process.connected) throw new Error(`A session ended with ${code}`);
    });
    socket.resume();
    return connection;
  };
  const open = async (order: IdleRelayOrder): Promise<void> => {
    const { endpointId, port, users, count } = order;
    const sessions = new PassthroughSessions(platformOf(order), endpointId);
    while (clients.length < count) {
      const batch = Math.min(AT_ONCE, count - clients.length);
      const opening = Array.from({ length: batch }, async (_, at) => {
        const client = take(await sessions.openClient(port, users[at % users.length]));
        client.on('message', () => (arrived += 1));
        clients.push(client);
      });
      for (let opened = 0; opened < batch;) {
        const keys = await sessions.pendingKeys(batch);
        if (keys.length === 0) await pause(POLL_MS);
        const dialled = await Promise.all(keys.map(key => sessions.openGateway(port, key)));
        gateways.push(...dialled.map(take));
        opened += keys.length;
      }
      await Promise.all(opening);
    }
    process.send!('open');
  };
  const sendBytes = async (): Promise<void> => {
    for (const gateway of gateways) gateway.send(Buffer.of(1));
    while (arrived < clients.length) await pause(POLL_MS);
    process.send!('arrived');
  };
  process.on('message', (order: IdleRelayOrder | 'bytes') => {
    void (order === 'bytes' ? sendBytes() : open(order));
  });
  process.on('disconnect', () => process.exit());
  process.send!('ready');
}

function platformOf({ url, password }: IdleRelayOrder) {
  const authorization = (user: string): string =>
    `Basic ${Buffer.from(`t1001/${user}:${password}`).toString('base64')}`;
  return {
    authorization,
    fetch: (path: string, user: string, init: RequestInit = {}) =>
      fetch(url + path, {
        ...init,
        headers: { authorization: authorization(user), 'content-type': 'application/json' },
      }),
  };
}

main();
