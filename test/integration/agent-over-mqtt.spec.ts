import { once } from 'node:events';
import { startAgent, type Agent, type AgentSettings } from '@remote-access/agent';
import type { Operation } from '@remote-access/contracts/platform';
import {
  CertificateAuthority,
  tcpTarget,
  temporaryFolder,
  waitUntil,
  type TcpTarget,
} from '@remote-access/testkit';
import type { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { Stack, type StackOptions } from '../fixtures/stack';

let stack: Stack;
let target: TcpTarget;
let endpointId: string;

const start = async (settings: Partial<AgentSettings> = {}, more: StackOptions = {}) => {
  stack = await Stack.start({ agentSettings: { transport: 'mqtt', ...settings }, ...more });
  const { id } = await stack.addEndpoint({
    name: 'Plc',
    hostname: '127.0.0.1',
    port: target.port,
    protocol: 'PASSTHROUGH',
  });
  endpointId = id;
};
const operations = async (): Promise<Operation[]> => {
  const path = '/devicecontrol/operations?deviceId=1001&pageSize=100';
  return (await stack.json<{ operations: Operation[] }>(path)).operations;
};
const statuses = async (): Promise<string[]> => (await operations()).map(({ status }) => status);
const allEnded = (): Promise<void> =>
  waitUntil('no operation is open', async () =>
    (await statuses()).every(status => status === 'SUCCESSFUL' || status === 'FAILED'),
  );
const connect = async (): Promise<Received> => new Received(await stack.connectRaw(endpointId));
const works = async (near: Received): Promise<void> => {
  const before = near.length;
  near.socket.send(Buffer.from('hello'));
  await near.has(before + 5);
};
const closeOf = (socket: WebSocket): Promise<unknown> => once(socket, 'close');

beforeEach(async () => {
  target = await tcpTarget();
});
afterEach(async () => {
  await stack.stop();
  await target.stop();
}, 30_000);

it('concurrent sessions get their own operations, by id', async () => {
  await start();
  const sessions = await Promise.all(Array.from({ length: 20 }, connect));
  await Promise.all(sessions.map(works));
  await allEnded();
  expect(await statuses()).toEqual(Array(20).fill('SUCCESSFUL'));
  for (const { socket } of sessions) socket.close();
});

it('a failure is reported for the operation that failed', async () => {
  await start();
  const { id: closed } = await stack.addEndpoint({
    name: 'Nobody',
    hostname: '127.0.0.1',
    port: 1,
    protocol: 'PASSTHROUGH',
  });
  const near = await connect();
  const refused = await stack.connectRaw(closed);
  await closeOf(refused);
  await works(near);
  await allEnded();
  const reasons = (await operations()).map(({ status, failureReason }) => [status, failureReason]);
  expect(reasons).toContainEqual(['SUCCESSFUL', undefined]);
  expect(reasons).toContainEqual(['FAILED', 'connection refused by 127.0.0.1:1']);
  near.socket.close();
});

it('running sessions survive a lost MQTT link, and new ones open afterwards', async () => {
  await start();
  const near = await connect();
  await works(near);
  for (let i = 0; i < 3; i += 1) {
    stack.emulator.broker!.dropConnections();
    await works(near);
  }
  const next = await connect();
  await works(next);
  await allEnded();
  for (const { socket } of [near, next]) socket.close();
});

it('sessions open even if the link is lost every second', async () => {
  await start();
  const flapping = setInterval(() => stack.emulator.broker!.dropConnections(), 1_000);
  try {
    for (let i = 0; i < 3; i += 1) {
      const near = await connect();
      await works(near);
      near.socket.close();
    }
  } finally {
    clearInterval(flapping);
  }
  await allEnded();
});

it('a target that accepts and never answers keeps no operation open', async () => {
  await target.stop();
  target = await tcpTarget(() => undefined);
  await start();
  const near = await connect();
  near.socket.send(Buffer.from('hello?'));
  await waitUntil('the target is reached', () => target.connections.length === 1);
  await allEnded();
  expect(await statuses()).toEqual(['SUCCESSFUL']);
  near.socket.close();
});

it('two agents for one device leave no operation open, and sessions work', async () => {
  await start();
  const other: Agent = await startAgent(stack.settingsOfAgent(), { log: () => undefined });
  const near = await connect();
  await works(near);
  await allEnded();
  near.socket.close();
  await other.stop();
});

it('two agents over REST leave no operation open, and sessions work', async () => {
  await start({ transport: 'rest' });
  const other: Agent = await startAgent(stack.settingsOfAgent(), { log: () => undefined });
  for (let i = 0; i < 5; i += 1) {
    const near = await connect();
    await works(near);
    near.socket.close();
  }
  await allEnded();
  await other.stop();
});

it("another user's operation with a used key, or without one, fails", async () => {
  await start();
  const near = await connect();
  await works(near);
  await allEnded();
  const [first] = await operations();
  const create = (connectOf: unknown) =>
    stack.json<Operation>('/devicecontrol/operations', {
      method: 'POST',
      body: JSON.stringify({ deviceId: '1001', c8y_RemoteAccessConnect: connectOf }),
    });
  await create(first!.c8y_RemoteAccessConnect);
  await create({ hostname: 'h', port: 22 });
  await create({ hostname: 'h', port: 'x', connectionKey: 'k' });
  await create('nonsense');
  await allEnded();
  expect((await statuses()).sort()).toEqual([...Array(4).fill('FAILED'), 'SUCCESSFUL']);
  await works(near);
  near.socket.close();
});

describe('new settings', () => {
  it('apply to new sessions, while running ones continue', async () => {
    await start();
    const near = await connect();
    await works(near);
    await stack.reloadAgent({ limits: { sessions: 1 } });
    await closeOf(await stack.connectRaw(endpointId));
    await allEnded();
    const [failed] = (await operations()).filter(({ status }) => status === 'FAILED');
    expect(failed!.failureReason).toBe('the gateway has reached its limit of 1 sessions');
    await stack.reloadAgent({ transport: 'rest' });
    await works(near);
    const next = await connect();
    await works(next);
    await allEnded();
    for (const { socket } of [near, next]) socket.close();
  });
});

it.each(['rest', 'mqtt'] as const)(
  'an emptied list of protocols allows all of them again, over %s',
  async transport => {
    await start({ transport });
    await stack.reloadAgent({ protocols: ['SSH'] });
    const tickets = `${stack.clientPath(endpointId)}/tickets`;
    expect((await stack.fetch(tickets, { method: 'POST' })).status).toBe(422);
    await stack.reloadAgent({ protocols: [] });
    await works(await connect());
  },
);

describe('a device certificate', () => {
  const authority = new CertificateAuthority();
  const folder = temporaryFolder('mqtts');
  afterAll(() => {
    authority.remove();
    folder.remove();
  });

  it('signs the device in, and its token opens sessions', async () => {
    await start({}, { agent: false, mqttsFolder: folder.path });
    const { certificatePath, keyPath } = authority.issue({ commonName: 'gw-1' });
    await stack.json('/tenant/tenants/t1001/trusted-certificates', {
      user: 'admin',
      method: 'POST',
      body: JSON.stringify({
        certInPemFormat: authority.certificate,
        name: 'Factory',
        status: 'ENABLED',
        autoRegistrationEnabled: false,
      }),
    });
    const { emulator } = stack;
    const agent = await startAgent(
      {
        baseUrl: emulator.url,
        externalId: 'gw-1',
        transport: 'mqtt',
        mqttUrl: emulator.mqttsUrl!,
        network: {
          caFile: emulator.caPath!,
          certificateFile: certificatePath,
          keyFile: keyPath,
        },
      },
      { log: () => undefined },
    );
    const near = await connect();
    await works(near);
    await allEnded();
    expect(await statuses()).toEqual(['SUCCESSFUL']);
    near.socket.close();
    await agent.stop();
  });
});
