import type { RunningSession } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import type { Received } from '../fixtures/raw-device';
import { RandomFlood } from '../fixtures/random-flood';
import { type Replica, Replicas } from '../fixtures/replicas';
import type { TerminalClient } from '../fixtures/terminal-client';

const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
const SESSIONS = `/devices/${DEVICE}/sessions`;

/** A replica that dies leaves nothing unfinished for longer. */
const FINISHED_WITHIN_MS = 15_000;

/** Leaves the processors free for what has to happen in time. */
const GENTLE = { periodMs: 20, chunkBytes: 1_000 };

let replicas: Replicas;
let one: Replica;
let two: Replica;
let three: Replica;
let endpointId: string;

beforeAll(async () => {
  replicas = await Replicas.start(3);
  [one, two, three] = replicas.services as [Replica, Replica, Replica];
  endpointId = (await replicas.addEndpoint(BODY, DEVICE)).id;
}, 90_000);
afterAll(() => replicas.stop(), 30_000);

interface Running {
  readonly near: TerminalClient;
  readonly far: Received;
  readonly operationId: string;
}

/** A session that runs at `owner`; its client and its gateway connect to the others. */
async function session(owner: Replica, client: Replica, gateway: Replica): Promise<Running> {
  const near = await client.openTerminal(await owner.ticketPath(endpointId, DEVICE));
  const { received: far, operation } = await replicas.gateway(gateway).serve();
  await near.reaches('open');
  return { near, far, operationId: operation.id };
}

let typed = 0;
async function types({ near, far }: Running): Promise<void> {
  const text = `line ${(typed += 1)};`;
  near.type(text);
  await waitUntil('it arrives', () => far.bytes.toString().endsWith(text));
}

const listed = (at: Replica): Promise<RunningSession[]> => at.json(SESSIONS);

it('a fourth one takes edits, gateways and clients as soon as it is ready', async () => {
  const four = await replicas.add();
  const { id } = await four.addEndpoint({ ...BODY, name: 'Pump' }, DEVICE);
  expect(id).not.toBe(endpointId);
  const running = [await session(one, four, four), await session(four, two, three)];
  for (const each of running) await types(each);
  for (const { near } of running) near.disconnect();
  for (const { near } of running) await near.closed();
  await replicas.remove(four);
  await replicas.knowEachOther();
});

it('a session between two of them is found, listed and ended through the third', async () => {
  const running = await session(one, two, two);
  await types(running);
  const forwarded = (): Promise<number[]> =>
    Promise.all(replicas.services.map(at => at.metric('remoteaccess_forwarded_connections')));
  expect(await forwarded()).toEqual([0, 2, 0]);
  const [found, ...more] = await listed(three);
  expect(more).toEqual([]);
  expect(found).toMatchObject({ operationId: running.operationId, state: 'open' });
  const ended = await three.fetch(`${SESSIONS}/${found!.id}`, { method: 'DELETE' });
  expect(ended.status).toBe(204);
  await running.near.closed();
  expect(running.near.messages.at(-1)).toMatchObject({ type: 'ended', code: 'session-terminated' });
  for (const at of replicas.services) expect(await listed(at)).toEqual([]);
  await waitUntil('nothing is forwarded', async () => (await forwarded()).every(n => n === 0));
});

it('each combination of owner, client and gateway carries bytes', async () => {
  const { services } = replicas;
  for (const owner of services) {
    for (const client of services) {
      const gateway = services[(services.indexOf(client) + 1) % 3]!;
      const running = await session(owner, client, gateway);
      await types(running);
      running.near.disconnect();
      await running.near.closed();
    }
  }
}, 60_000);

it('kill -9 of one ends its own sessions, and what it left is finished, although a new one was not there', async () => {
  const stays = [
    await session(one, three, one),
    await session(three, one, three),
    await session(one, one, three),
  ];
  const lost = await session(two, two, two);
  await two.openTerminal(await two.ticketPath(endpointId, DEVICE));
  const { id: waiting } = await replicas.gateway(two).pending();
  const floods = stays.flatMap(({ near, far }) => [
    new RandomFlood(near.socket, far.socket, GENTLE),
    new RandomFlood(far.socket, near.socket, GENTLE),
  ]);
  await waitUntil('all flow', () => floods.every(({ receivedBytes }) => receivedBytes > 0));
  await replicas.remove(two, 'SIGKILL');
  const diedAt = performance.now();
  // It has never heard the one that died; that depends on nothing, not even the order of ids.
  const late = await replicas.add();
  await waitUntil(
    'nothing is left of it',
    async () => {
      const { status } = await replicas.gateway(one).operation(waiting);
      const ends = (await replicas.auditOf(lost.operationId)).filter(text =>
        text.includes('ended'),
      );
      return status === 'FAILED' && ends.length === 1;
    },
    2 * FINISHED_WITHIN_MS,
  );
  // Not a limit of the machine, but the time that the product promises.
  expect(performance.now() - diedAt).toBeLessThan(FINISHED_WITHIN_MS);
  await lost.near.closed();
  // Each stream is a different one: nothing is lost, and nothing has crossed.
  for (const flood of floods) await flood.stop();
  expect(floods.map(({ received }) => received)).toEqual(floods.map(({ sent }) => sent));
  for (const running of stays) await types(running);
  await replicas.knowEachOther();
  expect((await listed(late)).map(({ operationId }) => operationId).sort()).toEqual(
    stays.map(({ operationId }) => operationId).sort(),
  );
  for (const { near } of stays) near.disconnect();
  await Promise.all(stays.map(({ near }) => near.closed()));
  for (const { operationId } of stays) {
    await waitUntil('one end is recorded', async () => {
      const ends = (await replicas.auditOf(operationId)).filter(text => text.includes('ended'));
      return ends.length === 1;
    });
  }
}, 90_000);
