import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, BlockList, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Secret } from '@remote-access/settings';
import { waitUntil } from '@remote-access/testkit';
import { ClusterKeys } from '../cluster/cluster-keys';
import { PeerLinks } from '../cluster/peer-links';
import { PeerServer } from '../cluster/peer-server';
import { makeIdentity } from '../cluster/replica-identity';
import type { StreamSocket } from '../cluster/stream-socket';
import type { Log } from '../logging/log';
import { MemoryBudget, memoryLimits } from '../memory/memory-budget';
import { Metrics } from '../metrics/metrics';
import { UpgradeDoor } from './upgrade-door';

const CONNECTIONS = 10;
const LOG = { info: jest.fn(), warn: jest.fn(), error: jest.fn() } as unknown as Log;
const HEAD = [
  ...['GET /rooms/7 HTTP/1.1', 'Host: h', 'Connection: Upgrade', 'Upgrade: websocket'],
  ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
].join('\r\n');

const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);

/** Sends as much as the other end takes. */
function flood(socket: Duplex): void {
  const fill = (): void => {
    while (!socket.destroyed && socket.write(Buffer.alloc(64 * 1024)));
  };
  socket.on('drain', fill).on('error', () => undefined);
  fill();
}

it('a flood in both directions, which neither end reads, is accounted for (security)', async () => {
  const memory = new MemoryBudget(memoryLimits(512 * 1024 * 1024, true));
  const others = new MemoryBudget(memoryLimits(512 * 1024 * 1024, true));
  const account = { tenant: 'management', user: 'service', password: new Secret('password') };
  const { authority } = new ClusterKeys(account);
  const owner = new PeerServer(await makeIdentity('two', authority), LOG, others);
  const atOwner: StreamSocket[] = [];
  owner.serveWith({
    connected: socket => atOwner.push(socket as StreamSocket),
    answer: () => Promise.resolve(null),
  });
  const peer = { id: 'two', host: '127.0.0.1', port: await owner.listen('127.0.0.1', 0) };
  const links = new PeerLinks(await makeIdentity('one', authority), { find: () => peer }, memory);
  const settings = { hosted: false, trustedProxies: new BlockList(), allowedOrigins: [] };
  const cluster = { connectTo: (id: string, from: string) => links.forward(id, from) };
  const door = new UpgradeDoor(settings, LOG, new Metrics(), memory, cluster);
  const server = createServer();
  const callers: Socket[] = [];
  server.on('connection', (socket: Socket) => callers.push(socket));
  door.attach(server);
  door.route('/rooms/:room').serve({
    ...{ subprotocols: ['binary'], acceptsAnyKey: false },
    admit: () => Promise.resolve({ owner: 'two' }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const clients: Socket[] = [];
  for (let count = 0; count < CONNECTIONS; count += 1) {
    const client = connect(port, '127.0.0.1');
    clients.push(client);
    client.write(`${HEAD}\r\n\r\n`);
  }
  await waitUntil('all are forwarded', () => atOwner.length === CONNECTIONS);
  for (const socket of atOwner) {
    await once(socket, 'data');
    socket.pause();
  }
  [...clients, ...atOwner].forEach(flood);

  /** Bytes that came in and did not leave. Those to the owner leave when its window has room. */
  const held = (): number =>
    sum(
      callers.map(({ bytesRead, bytesWritten, writableLength }) => {
        return bytesRead - (bytesWritten - writableLength);
      }),
    ) + sum(atOwner.map(socket => socket.bytesWritten - socket.writableLength));
  const toOwner = (): number => others.usedBytes;
  let [seen, since] = [-1, performance.now()];
  await waitUntil('everything stands', () => {
    if (held() !== seen) [seen, since] = [held(), performance.now()];
    return performance.now() - since > 500;
  });
  expect(held()).toBeGreaterThan(CONNECTIONS * 256 * 1024);
  expect(held() - toOwner()).toBeLessThanOrEqual(memory.usedBytes);

  for (const socket of [...clients, ...callers]) socket.destroy();
  await waitUntil('nothing is reserved', () => memory.usedBytes === 0);
  links.stop();
  await owner.stop();
  await once(server.close(), 'close');
});
