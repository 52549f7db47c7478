import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningSession } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { waitUntil } from '@remote-access/testkit';
import { FOUND_AT, Network } from '../fixtures/network';
import type { Received } from '../fixtures/raw-device';
import { type Replica, Replicas } from '../fixtures/replicas';
import type { TerminalClient } from '../fixtures/terminal-client';

// One replica alone loses the broker. It lives, and the others must not take it for dead.
const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

/** A new replica looks for interrupted sessions 21 s after its start. */
const LOOKED_AFTER_MS = 27_000;

/** Without a pause, the loops of this file would take a core. */
const LOOK_AGAIN_MS = 100;

let toBroker: Network;
let replicas: Replicas;
/** The one that reaches the broker through a network of the test. */
let alone: Replica;
let other: Replica;
let endpointId: string;

beforeAll(async () => {
  replicas = await Replicas.start(2, {}, (index, { nats }) => {
    if (index === 1) return {};
    toBroker = new Network(nats.port);
    // The service tries until it is reached.
    void toBroker.start();
    return { NATS_URL: `nats://${FOUND_AT}:${nats.port}` };
  });
  [alone, other] = [replicas.services[0]!, replicas.services[1]!];
  endpointId = (await replicas.addEndpoint(BODY, DEVICE)).id;
}, 60_000);
afterAll(async () => {
  await replicas.stop();
  await toBroker.stop();
}, 30_000);

interface Running {
  readonly near: TerminalClient;
  readonly far: Received;
  readonly operationId: string;
}

/** The gateway never says that it has finished the operation, so that it stays EXECUTING. */
async function session(issuer: Replica, client: Replica, gateway: Replica): Promise<Running> {
  const near = await client.openTerminal(await issuer.ticketPath(endpointId, DEVICE));
  const device = replicas.gateway(gateway);
  const { id, c8y_RemoteAccessConnect } = await device.pending();
  await device.report(id, 'EXECUTING');
  const far = await replicas.gateway(gateway).dial(c8y_RemoteAccessConnect!.connectionKey);
  await near.reaches('open');
  return { near, far, operationId: id };
}

async function echoes({ near, far }: Running): Promise<void> {
  const [atFar, atNear] = [far.length, near.output.length];
  near.socket.send(randomBytes(32));
  far.send(randomBytes(32));
  await far.has(atFar + 32);
  await waitUntil('bytes at the client', () => near.output.length >= atNear + 32);
}

const statusOf = async (id: string): Promise<string> =>
  (await replicas.platform<Operation>(`/devicecontrol/operations/${id}`)).status;
const endsOf = async (id: string): Promise<number> =>
  (await replicas.auditOf(id)).filter(text => text.startsWith('Remote access session ended'))
    .length;
const edit = (at: Replica): Promise<Response> =>
  at.fetch('/devices/1001/configurations', { method: 'POST', body: JSON.stringify(BODY) });

async function loseBroker(): Promise<void> {
  toBroker.close();
  await waitUntil(
    'it is noticed',
    async () => (await alone.metric('remoteaccess_nats_connected')) === 0,
  );
}

it('its sessions and operations stay, also for a replica that starts meanwhile', async () => {
  const running = await session(alone, alone, alone);
  const { operationId } = running;
  await loseBroker();
  const third = await replicas.add();
  const until = performance.now() + LOOKED_AFTER_MS;
  while (performance.now() < until) {
    await echoes(running);
    expect(await statusOf(operationId)).toBe('EXECUTING');
    await pause(LOOK_AGAIN_MS);
  }
  expect(await endsOf(operationId)).toBe(0);
  for (const at of [other, third]) {
    expect(await at.metric('remoteaccess_replicas')).toBe(3);
    const listed = await at.json<RunningSession[]>(`/devices/${DEVICE}/sessions`);
    expect(listed.map(one => one.operationId)).toEqual([operationId]);
  }

  // The others agree about changes, with the one that cannot make any.
  await waitUntil('an edit', async () => (await edit(third)).status === 201);
  expect((await edit(alone)).status).toBe(503);
  // What it holds is found without the broker.
  const across = await session(alone, other, third);
  await echoes(across);
  across.near.disconnect();
  await across.near.closed();

  toBroker.open();
  await replicas.knowEachOther();
  await waitUntil('it may make changes again', async () => (await edit(alone)).status === 201);
  await echoes(running);
  running.near.disconnect();
  await running.near.closed();
  await waitUntil('its end is recorded', async () => (await endsOf(operationId)) > 0);
  expect(await endsOf(operationId)).toBe(1);
  await replicas.remove(third);
  await replicas.knowEachOther();
}, 120_000);

it('if it dies, what it left is finished all the same', async () => {
  const running = await session(alone, alone, alone);
  await loseBroker();
  // Longer than it takes to count as dead.
  const until = performance.now() + 8_000;
  while (performance.now() < until) {
    await echoes(running);
    await pause(LOOK_AGAIN_MS);
  }
  const bystander = await session(other, other, other);
  await replicas.remove(alone, 'SIGKILL');
  await waitUntil(
    'its operation is finished and its session has an end',
    async () =>
      (await statusOf(running.operationId)) === 'FAILED' &&
      (await endsOf(running.operationId)) === 1,
    20_000,
  );
  await echoes(bystander);
  expect(await statusOf(bystander.operationId)).toBe('EXECUTING');
  bystander.near.disconnect();
  await bystander.near.closed();
}, 60_000);
