import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Secret } from '@remote-access/settings';
import { closedPort, waitUntil } from '@remote-access/testkit';
import type { Log } from '../logging/log';
import type { ForwardedSocket } from './cluster';
import { ClusterKeys } from './cluster-keys';
import type { ReplicaAddress } from './membership';
import { PeerLinks } from './peer-links';
import { PeerServer } from './peer-server';
import { makeIdentity } from './replica-identity';

const ACCOUNT = { tenant: 'management', user: 'service', password: new Secret('password') };
const LOG = { warn: () => undefined, error: () => undefined } as unknown as Log;
const { authority } = new ClusterKeys(ACCOUNT);

let server: PeerServer;
let links: PeerLinks;
let peer: ReplicaAddress;
/** What arrived at the other replica. */
let arrived: ForwardedSocket[];

beforeEach(async () => {
  arrived = [];
  server = new PeerServer(await makeIdentity('two', authority), LOG);
  server.serveWith({
    connected: socket => arrived.push(socket),
    answer: (topic, question) => Promise.resolve({ topic, question }),
  });
  peer = { id: 'two', host: '127.0.0.1', port: await server.listen('127.0.0.1', 0) };
  const find = (id: string): ReplicaAddress | undefined => (id === peer.id ? peer : undefined);
  links = new PeerLinks(await makeIdentity('one', authority), { find });
});
afterEach(async () => {
  links.stop();
  await server.stop();
});

describe('another replica', () => {
  it('answers if it is the process with that id', async () => {
    expect(await links.answers(peer)).toBe(true);
    expect(await links.answers({ ...peer, id: 'three' })).toBe(false);
    expect(await links.answers({ ...peer, id: 'four', port: await closedPort() })).toBe(false);
  });

  it('does not answer if it only accepts the connection', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    expect(await links.answers({ id: 'five', host: '127.0.0.1', port })).toBe(false);
    silent.close();
  });

  it('does not answer any more once it has stopped', async () => {
    expect(await links.answers(peer)).toBe(true);
    await server.stop();
    expect(await links.answers(peer)).toBe(false);
    server = new PeerServer(await makeIdentity('two', authority), LOG);
    await server.listen('127.0.0.1', 0);
  });
});

it('many sessions whose readers have stopped block no question and no further session', async () => {
  const stopped: Duplex[] = [];
  for (let count = 0; count < 200; count += 1) {
    const socket = await links.forward('two', '10.0.0.1');
    // More than the window of a stream and what the sender buffers.
    while (socket.write(Buffer.alloc(64 * 1024)));
    stopped.push(socket);
  }
  await waitUntil('all have arrived', () => arrived.length === 200);
  expect(await links.answers(peer)).toBe(true);
  expect(await links.ask('two', 'topic', 'question', 5_000)).toEqual({
    topic: 'topic',
    question: 'question',
  });
  const next = await links.forward('two', '10.0.0.1');
  next.write('hello');
  await waitUntil('it has arrived', () => arrived.length === 201);
  const [chunk] = (await once(arrived[200]!, 'data')) as [Buffer];
  expect(chunk.toString()).toBe('hello');
  for (const socket of [...stopped, next]) socket.destroy();
});

describe('draining', () => {
  it('is over at once without sessions, or when the last one has ended', async () => {
    await links.drain(3_600_000);
    const [one, two] = [
      await links.forward('two', '10.0.0.1'),
      await links.forward('two', '10.0.0.1'),
    ];
    let isOver = false;
    const drained = links.drain(3_600_000).then(() => (isOver = true));
    one.destroy();
    await once(one, 'close');
    await waitUntil('it is no longer counted', () => links.streamCount === 1);
    expect(isOver).toBe(false);
    two.destroy();
    await drained;
  });

  it('is over after the grace period', async () => {
    const socket = await links.forward('two', '10.0.0.1');
    await links.drain(1);
    socket.destroy();
  });
});
