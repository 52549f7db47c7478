import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '@remote-access/testkit';
import { FOUND_AT, Network } from '../fixtures/network';
import { type Replica, Replicas } from '../fixtures/replicas';
import type { TerminalClient } from '../fixtures/terminal-client';

// A gateway comes to one replica with the key of another, whose way to the broker is slow or lost.
const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

/** Longer than a gateway takes from its operation to the service. */
const SLOW_MS = 100;

let toBroker: Network;
let replicas: Replicas;
/** The one that reaches the broker through a network of the test. */
let owner: Replica;
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
  [owner, other] = [replicas.services[0]!, replicas.services[1]!];
  endpointId = (await replicas.addEndpoint(BODY, DEVICE)).id;
}, 60_000);
afterEach(async () => {
  toBroker.hold = undefined;
  toBroker.open();
  await replicas.knowEachOther();
});
afterAll(async () => {
  await replicas.stop();
  await toBroker.stop();
}, 30_000);

const open = async (): Promise<TerminalClient> =>
  owner.openTerminal(await owner.ticketPath(endpointId, DEVICE));

it('a gateway that is faster than the announcement of its key is let in', async () => {
  toBroker.hold = ({ isRequest, text }) =>
    isRequest && /^SUB \S+\.key\./m.test(text) ? delay(SLOW_MS) : undefined;
  for (let round = 0; round < 5; round += 1) {
    const near = await open();
    await replicas.gateway(other).serve();
    await near.reaches('open');
    near.disconnect();
    await near.closed();
  }
});

it('a key is found although its replica has just lost the broker', async () => {
  const near = await open();
  const { c8y_RemoteAccessConnect } = await replicas.gateway(other).pending();
  toBroker.close();
  await waitUntil(
    'it is noticed',
    async () => (await owner.metric('remoteaccess_nats_connected')) === 0,
  );
  await replicas.gateway(other).dial(c8y_RemoteAccessConnect!.connectionKey);
  await near.reaches('open');
  near.disconnect();
  await near.closed();
});
