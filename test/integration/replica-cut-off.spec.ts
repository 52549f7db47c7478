import { randomBytes } from 'node:crypto';
import type { Operation } from '@remote-access/contracts/platform';
import { closedPort, waitUntil } from '@remote-access/testkit';
import { FOUND_AT, LISTENS_AT, Network } from '../fixtures/network';
import type { Received } from '../fixtures/raw-device';
import { type Replica, Replicas } from '../fixtures/replicas';
import type { TerminalClient } from '../fixtures/terminal-client';

// A replica that nobody hears: the broker and the other replica have lost it. It lives, and so do its sessions.
const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
const SIGNS = '/tenant/options/remoteaccess.replicas';

/** Others act eight seconds after its last sign, and ask again every two. */
const PATIENCE_MS = 40_000;

let toBroker: Network;
let toPlatform: Network;
/** To each replica. */
let between: Network[];
let replicas: Replicas;
/** The one that is cut off. */
let lost: Replica;
let other: Replica;
let endpointId: string;
/** How often the other one has looked whether it lives. */
let looks: number;

beforeEach(async () => {
  looks = 0;
  const ports = [await closedPort(), await closedPort()];
  between = ports.map(port => new Network(port));
  await Promise.all(between.map(network => network.start()));
  // The platform answers only under names of its own.
  const foundAt = { host: LISTENS_AT, port: await closedPort() };
  replicas = await Replicas.start(2, {}, (index, { nats, emulator }) => {
    const address = {
      CLUSTER_HOST: LISTENS_AT,
      CLUSTER_ADDRESS: FOUND_AT,
      CLUSTER_PORT: String(ports[index]),
    };
    if (index === 0) {
      toBroker = new Network(nats.port);
      // The service tries until it is reached.
      void toBroker.start();
      return { ...address, NATS_URL: `nats://${FOUND_AT}:${nats.port}` };
    }
    toPlatform = new Network(Number(new URL(emulator.url).port), foundAt);
    toPlatform.hold = ({ isRequest, text }) => {
      if (isRequest && text.includes(`GET ${SIGNS} `)) looks += 1;
      return undefined;
    };
    void toPlatform.start();
    return { ...address, C8Y_BASEURL: `http://${foundAt.host}:${foundAt.port}` };
  });
  [lost, other] = [replicas.services[0]!, replicas.services[1]!];
  endpointId = (await replicas.addEndpoint(BODY, DEVICE)).id;
  // Before, silence means nothing.
  await waitUntil('each is certain who the others are', async () => {
    const edits = [lost, other].map(at =>
      at.fetch('/devices/1001/configurations', { method: 'POST', body: JSON.stringify(BODY) }),
    );
    return (await Promise.all(edits)).every(({ status }) => status === 201);
  });
}, 60_000);
afterEach(async () => {
  lost.process.signal('SIGCONT');
  await replicas.stop();
  await Promise.all([toBroker, toPlatform, ...between].map(network => network.stop()));
}, 30_000);

interface Running {
  readonly near: TerminalClient;
  readonly far: Received;
  readonly operationId: string;
}

/** The gateway never says that it has finished the operation, so that it stays EXECUTING. */
async function session(): Promise<Running> {
  const near = await lost.openTerminal(await lost.ticketPath(endpointId, DEVICE));
  const device = replicas.gateway(lost);
  const { id, c8y_RemoteAccessConnect } = await device.pending();
  await device.report(id, 'EXECUTING');
  const far = await device.dial(c8y_RemoteAccessConnect!.connectionKey);
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

const networks = (): Network[] => [toBroker, ...between];
const statusOf = async (id: string): Promise<string> =>
  (await replicas.platform<Operation>(`/devicecontrol/operations/${id}`)).status;
const audited = async (id: string, activity: string): Promise<string[]> =>
  (await replicas.auditOf(id)).filter(text => text.startsWith(`Remote access session ${activity}`));
const signs = (): Promise<object> => replicas.platform<object>(SIGNS).catch(() => ({}));

async function cutOff(): Promise<Running> {
  const running = await session();
  for (const network of networks()) network.close();
  await waitUntil(
    'the other one has looked, for operations and sessions',
    () => looks > 3,
    PATIENCE_MS,
  );
  await echoes(running);
  expect(await statusOf(running.operationId)).toBe('EXECUTING');
  expect(await audited(running.operationId, 'ended')).toEqual([]);
  return running;
}

it('its sessions and operations stay as they are, and it is known again afterwards', async () => {
  const running = await cutOff();
  for (const network of networks()) network.open();
  await replicas.knowEachOther();
  await waitUntil('no sign is left', async () => Object.keys(await signs()).length === 0);
  await echoes(running);
  expect(await statusOf(running.operationId)).toBe('EXECUTING');
  running.near.disconnect();
  await running.near.closed();
  await waitUntil('its end', async () => (await audited(running.operationId, 'ended')).length > 0);
  expect(await audited(running.operationId, 'ended')).toHaveLength(1);
  expect(await audited(running.operationId, 'continues')).toEqual([]);
}, 120_000);

it('if it dies, what it left is finished', async () => {
  const { operationId } = await cutOff();
  await replicas.remove(lost, 'SIGKILL');
  await waitUntil(
    'its operation is finished and its session has an end',
    async () =>
      (await statusOf(operationId)) === 'FAILED' &&
      (await audited(operationId, 'ended')).length === 1,
    PATIENCE_MS,
  );
  expect((await audited(operationId, 'ended'))[0]).toContain('no longer answers');
}, 120_000);

it('if it was suspended, and could not show that it lives, it takes back the end of its session', async () => {
  const running = await session();
  const { operationId } = running;
  lost.process.signal('SIGSTOP');
  await waitUntil(
    'its session has an end',
    async () => (await audited(operationId, 'ended')).length === 1,
    PATIENCE_MS,
  );
  // It does not claim more than is known.
  expect((await audited(operationId, 'ended'))[0]).toContain('no longer answers');
  lost.process.signal('SIGCONT');
  await echoes(running);
  await waitUntil(
    'that is taken back',
    async () => (await audited(operationId, 'continues')).length === 1,
    PATIENCE_MS,
  );
  running.near.disconnect();
  await running.near.closed();
  await waitUntil('its own end', async () => (await audited(operationId, 'ended')).length === 2);
}, 120_000);
