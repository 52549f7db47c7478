import { randomUUID } from 'node:crypto';
import { connect as connectBroker, type NatsConnection } from '@nats-io/transport-node';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { FORWARDED, type Replica, Replicas } from '../fixtures/replicas';
import { newKey } from '../fixtures/resuming-client';
import { basic } from '../fixtures/stack';

const DEVICE = '1002';

let replicas: Replicas;
let one: Replica;
let two: Replica;
let endpointId: string;

beforeAll(async () => {
  replicas = await Replicas.start(2);
  [one, two] = [replicas.services[0]!, replicas.services[1]!];
  const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
  endpointId = (await replicas.addEndpoint(body, DEVICE)).id;
}, 60_000);
afterAll(() => replicas.stop(), 30_000);

describe.each([
  ['only listens', false],
  ['answers everything', true],
])('with a tool at the broker that subscribes to all subjects and %s', (_what, answers) => {
  let monitor: NatsConnection;

  beforeAll(async () => {
    monitor = await connectBroker({ servers: replicas.nats.url });
    monitor.subscribe('>', {
      callback: (_error, message) => {
        if (answers && message.reply) monitor.publish(message.reply, 'hello');
      },
    });
    await monitor.flush();
  });
  afterAll(() => monitor.close());

  const codeOf = async (path: string, user: string): Promise<string> => {
    const { body } = await rawUpgrade(two.url, path, {
      ...{ ...FORWARDED, authorization: basic(`t1001/${user}`) },
    });
    return (JSON.parse(body) as { error: string }).error;
  };

  it('what no replica has is refused as unknown', async () => {
    expect(await codeOf(`/device/${randomUUID()}`, 'device_gw-2')).toBe(
      'remoteaccess/key-not-claimable',
    );
    const client = `/client/${DEVICE}/configurations/${endpointId}`;
    expect(await codeOf(`${client}?ticket=${newKey()}`, 'operator')).toBe(
      'remoteaccess/ticket-invalid',
    );
    const resume = { sessionId: 'aaaaaaaa', keys: [newKey()], next: newKey(), output: 0 };
    const answer = await two.fetch(`${client}/tickets`, {
      method: 'POST',
      user: 'operator',
      body: JSON.stringify({ resume }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      404,
      { error: 'remoteaccess/session-not-found' },
    ]);
  });

  it('what another replica has is found', async () => {
    const near = await two.openTerminal(await one.ticketPath(endpointId, DEVICE));
    const { received } = await replicas.gateway(two).serve();
    await near.reaches('open');
    near.type('hello');
    await received.has(5);
    near.disconnect();
    await near.closed();
  });
});
