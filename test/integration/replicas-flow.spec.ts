import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { SUBPROTOCOLS } from '@remote-access/contracts';
import { untilSteady, waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { FORWARDED, type Replica, Replicas } from '../fixtures/replicas';

// Sessions whose client arrives at one replica and whose gateway at another.
const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
const MEBIBYTE = 1024 * 1024;

/** Far more than the kernel buffers on the path and a process may grow by. */
const TOTAL_BYTES = 64 * MEBIBYTE;

/** Growth of a process while nothing is read: its own buffers and uncollected garbage. */
const MAX_GROWTH_BYTES = 24 * MEBIBYTE;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let replicas: Replicas;
let one: Replica;
let two: Replica;
let endpointId: string;

beforeAll(async () => {
  replicas = await Replicas.start();
  [one, two] = [replicas.services[0]!, replicas.services[1]!];
  endpointId = (await replicas.addEndpoint(BODY, DEVICE)).id;
}, 60_000);
afterAll(() => replicas.stop(), 30_000);

interface Ends {
  readonly near: Received;
  readonly far: Received;
}

/** A session that runs at the first replica. */
async function session(client: Replica, gateway: Replica): Promise<Ends> {
  const url = client.webSocketUrl(await one.ticketPath(endpointId, DEVICE));
  const options = { perMessageDeflate: false, headers: FORWARDED };
  const near = new Received(new WebSocket(url, SUBPROTOCOLS.raw, options));
  await once(near.socket, 'open');
  const { received: far } = await replicas.gateway(gateway).serve();
  return { near, far };
}

async function exchange({ near, far }: Ends, bytes: number): Promise<void> {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    const sent = randomBytes(bytes);
    const start = to.length;
    from.send(sent);
    const all = await to.has(start + bytes);
    expect(sha256(all.subarray(start))).toBe(sha256(sent));
  }
}

const residentBytes = (): number[] => replicas.services.map(({ process }) => process.residentBytes);

// In both directions of the connection between the replicas.
it.each<['near' | 'far', () => Replica, () => Replica]>([
  ['near', () => two, () => one],
  ['far', () => two, () => one],
])(
  'a %s end that stops reading exhausts no memory and delays no other session, and gets every byte later',
  async (stopped, client, gateway) => {
    const ends = await session(client(), gateway());
    const beside = await session(client(), gateway());
    await exchange(ends, MEBIBYTE / 2);
    await exchange(beside, MEBIBYTE / 2);
    const to = ends[stopped];
    const { socket } = ends[stopped === 'near' ? 'far' : 'near'];
    const start = to.length;
    const chunk = randomBytes(64 * 1024);
    const sent = createHash('sha256');
    to.socket.pause();
    const before = residentBytes();
    let given = 0;
    const pump = setInterval(() => {
      while (given < TOTAL_BYTES && socket.bufferedAmount < MEBIBYTE) {
        chunk.writeUInt32BE(given);
        // A copy, because the next turn overwrites the chunk.
        socket.send(Buffer.from(chunk));
        sent.update(chunk);
        given += chunk.length;
      }
    }, 1);
    try {
      await untilSteady('the sender is slowed', () => given);
      expect(given).toBeLessThan(TOTAL_BYTES);
      await exchange(beside, MEBIBYTE / 2);
      residentBytes().forEach((now, index) =>
        expect(now - before[index]!).toBeLessThan(MAX_GROWTH_BYTES),
      );
      to.socket.resume();
      const all = await to.has(start + TOTAL_BYTES, 60_000);
      expect(sha256(all.subarray(start))).toBe(sent.digest('hex'));
    } finally {
      clearInterval(pump);
    }
    for (const { near } of [ends, beside]) await near.leave();
  },
  90_000,
);

describe('the last bytes of an end that sends and closes at once arrive', () => {
  it.each<['near' | 'far', string, () => Replica, () => Replica]>([
    ['near', 'the client connected to another replica', () => two, () => one],
    ['far', 'the client connected to another replica', () => two, () => one],
    ['near', 'the gateway connected to another replica', () => one, () => two],
    ['far', 'the gateway connected to another replica', () => one, () => two],
  ])('from the %s end, when %s', async (name, _where, client, gateway) => {
    for (const isSlow of [false, true]) {
      const ends = await session(client(), gateway());
      const [from, to] = name === 'near' ? [ends.near, ends.far] : [ends.far, ends.near];
      // Without a first byte from it, the endpoint counts as not reached.
      ends.far.send(Buffer.from('x'));
      await ends.near.has(1);
      const start = to.length;
      if (isSlow) to.socket.pause();
      const sent = randomBytes(4_000_000);
      for (let at = 0; at < sent.length; at += 500_000) {
        from.send(sent.subarray(at, at + 500_000));
      }
      from.socket.close();
      if (isSlow) {
        await waitUntil('everything is on its way', () => from.socket.bufferedAmount === 0);
        to.socket.resume();
      }
      await to.closed();
      expect(sha256(to.bytes.subarray(start))).toBe(sha256(sent));
      expect(to.code).toBe(1000);
    }
  });
});
