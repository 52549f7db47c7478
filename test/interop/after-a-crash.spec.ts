import { once } from 'node:events';
import { SUBPROTOCOLS } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { SeparateStack } from '../fixtures/separate-stack';
import { basic, GATEWAY } from '../fixtures/stack';

/** The gateway without an agent. */
const SILENT = '1002';

let stack: SeparateStack;
let target: TcpTarget;

beforeEach(async () => {
  const env = { STOP_GRACE_SECONDS: '1' };
  [stack, target] = await Promise.all([SeparateStack.start(env), tcpTarget()]);
  const settings = {
    enabled: true,
    hostKeyAutosave: false,
    operationTimeoutSeconds: 5,
    idleTimeoutMs: 3_600_000,
    maxDurationSeconds: 0,
    notice: null,
  };
  await stack.json('/service/remoteaccess/settings', {
    method: 'PUT',
    user: 'admin',
    body: JSON.stringify(settings),
  });
}, 60_000);
afterEach(async () => {
  await stack.stop();
  await target.stop();
}, 30_000);

async function client(device = GATEWAY, subprotocol: string = SUBPROTOCOLS.v1): Promise<Received> {
  const place = { hostname: '127.0.0.1', port: target.port };
  const { id } = await stack.addEndpoint(
    { name: 'Plc', ...place, protocol: 'PASSTHROUGH' },
    device,
  );
  const socket = new WebSocket(await stack.ticketUrl(id, device), subprotocol, {
    perMessageDeflate: false,
  });
  socket.on('error', () => undefined);
  const received = new Received(socket);
  await once(socket, 'open');
  return received;
}

async function echoes(near: Received): Promise<void> {
  const before = near.length;
  near.socket.send(Buffer.from('hello'));
  await near.has(before + 5);
}

async function operations(device: string): Promise<Operation[]> {
  const path = `/devicecontrol/operations?deviceId=${device}&pageSize=100`;
  return (await stack.json<{ operations: Operation[] }>(path)).operations;
}

const ended = ({ texts }: Received): { by: string; code: string; text: string } | undefined =>
  texts.map(text => JSON.parse(text)).find(({ type }) => type === 'ended');

it('operations left open by a killed microservice fail once it is back', async () => {
  const waits = await client(SILENT);
  await waitUntil('the operation waits', async () => (await operations(SILENT)).length === 1);
  const begun = await client(SILENT);
  await waitUntil('two of them', async () => (await operations(SILENT)).length === 2);
  const [pending, executing] = await operations(SILENT);
  await stack.json(`/devicecontrol/operations/${executing!.id}`, {
    method: 'PUT',
    user: 'device_gw-2',
    body: JSON.stringify({ status: 'EXECUTING' }),
  });
  const served = await client();
  await echoes(served);

  await stack.microservice.end('SIGKILL');
  for (const one of [waits, begun, served]) await one.closed();
  expect(await operations(SILENT)).toMatchObject([
    { id: pending!.id, status: 'PENDING' },
    { id: executing!.id, status: 'EXECUTING' },
  ]);

  await stack.restartMicroservice();
  await waitUntil(
    'both are brought to an end',
    async () => (await operations(SILENT)).every(({ status }) => status === 'FAILED'),
    40_000,
  );
  for (const { failureReason } of await operations(SILENT)) {
    expect(failureReason).toContain('the remote access service was restarted');
  }
  // The operation of the connected session keeps the status that the gateway reported.
  expect(await operations(GATEWAY)).toMatchObject([{ status: 'SUCCESSFUL' }]);
  const again = await client();
  await echoes(again);
  again.socket.close();
  await waitUntil(
    'the audit log has the end of the connected session',
    async () => {
      const path = '/audit/auditRecords?type=Operation&pageSize=500';
      const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(path, {
        user: 'admin',
      });
      const ends = auditRecords.filter(({ text }) => text.includes('The service was interrupted'));
      return ends.length === 1 && ends[0]!.text.includes('endpoint "Plc"');
    },
    60_000,
  );
}, 120_000);

it('a client is told at once when the agent is killed', async () => {
  const near = await client();
  await echoes(near);
  await stack.agent.end('SIGKILL');
  await near.closed();
  expect(near.code).toBe(4502);
  expect(ended(near)).toMatchObject({ by: 'gateway', code: 'gateway-lost' });
  expect(await operations(GATEWAY)).toMatchObject([{ status: 'SUCCESSFUL' }]);
});

it('a client connected directly to the service is told when the platform is killed', async () => {
  const place = { hostname: '127.0.0.1', port: target.port };
  const { id } = await stack.addEndpoint({ name: 'Plc', ...place, protocol: 'PASSTHROUGH' });
  const address = `${stack.serviceUrl.replace(/^http/, 'ws')}/client/${GATEWAY}/configurations/${id}`;
  const socket = new WebSocket(address, SUBPROTOCOLS.v1, {
    headers: { authorization: basic('operator') },
    perMessageDeflate: false,
  });
  const near = new Received(socket);
  await once(socket, 'open');
  await echoes(near);
  await stack.emulator.end('SIGKILL');
  await near.closed();
  expect(ended(near)).toMatchObject({ by: 'gateway', code: 'gateway-lost' });
});

describe('while a session waits for its gateway', () => {
  it('a killed agent is noticed within the timeout, and its operation fails', async () => {
    await stack.agent.end('SIGKILL');
    const near = await client();
    await waitUntil('the operation waits', async () => (await operations(GATEWAY)).length === 1);
    await near.closed();
    expect(ended(near)).toMatchObject({ by: 'gateway', code: 'gateway-timeout' });
    await waitUntil(
      'the operation has failed',
      async () => (await operations(GATEWAY))[0]!.status === 'FAILED',
    );
  });

  it('a client is told when the platform is killed', async () => {
    const place = { hostname: '127.0.0.1', port: target.port };
    const { id } = await stack.addEndpoint(
      { name: 'Plc', ...place, protocol: 'PASSTHROUGH' },
      SILENT,
    );
    const address = `${stack.serviceUrl.replace(/^http/, 'ws')}/client/${SILENT}/configurations/${id}`;
    const socket = new WebSocket(address, SUBPROTOCOLS.v1, {
      headers: { authorization: basic('operator') },
      perMessageDeflate: false,
    });
    socket.on('error', () => undefined);
    const near = new Received(socket);
    await once(socket, 'open');
    await waitUntil('the operation waits', async () => (await operations(SILENT)).length === 1);
    await stack.emulator.end('SIGKILL');
    await near.closed();
    expect(ended(near)?.code).toBe('gateway-timeout');
    // Nobody is left to notify; the service keeps running for the next session.
    expect((await fetch(`${stack.serviceUrl}/health/liveness`)).status).toBe(200);
  });
});
