import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReplicaPool } from './replica-pool';

const servers: Server[] = [];
let pool: ReplicaPool;

beforeEach(() => (pool = new ReplicaPool()));
afterEach(() => {
  pool.stop();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function replica(status: () => number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status()).end());
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const seen = (count: number): Set<string | undefined> =>
  new Set(Array.from({ length: count }, () => pool.next()));

it('takes the replicas in turn', () => {
  pool.route(['http://a', 'http://b', 'http://c']);
  const turns = Array.from({ length: 6 }, () => pool.next());
  expect(turns.slice(0, 3).sort()).toEqual(['http://a', 'http://b', 'http://c']);
  expect(turns.slice(3)).toEqual(turns.slice(0, 3));
});

it('has none while the microservice is down, and does not probe a single one', () => {
  expect(pool.next()).toBeUndefined();
  pool.route(['http://a']);
  expect(seen(3)).toEqual(new Set(['http://a']));
});

it('leaves out a replica that is not ready or is gone, until it is ready again', async () => {
  let status = 503;
  const [good, late] = [await replica(() => 200), await replica(() => status)];
  pool.route([good, late, 'http://127.0.0.1:1']);
  const settle = async (urls: string[]): Promise<void> => {
    for (;;) {
      const now = seen(6);
      if (now.size === urls.length && urls.every(url => now.has(url))) return;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  };
  await settle([good]);
  status = 200;
  await settle([good, late]);
});
