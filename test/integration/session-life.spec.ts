import { once } from 'node:events';
import { OPTION_CATEGORY, OPTION_KEYS } from '@remote-access/contracts/platform';
import { waitUntil } from '@remote-access/testkit';
import { RawDevice } from '../fixtures/raw-device';
import { Stack } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';

const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

let stack: Stack;
let device: RawDevice;
let endpointId: string;

async function start(options: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<void> {
  stack = await Stack.start({ agent: false, env });
  await stack.json(`/tenant/options/${OPTION_CATEGORY}`, {
    method: 'PUT',
    user: 'admin',
    body: JSON.stringify(options),
  });
  device = new RawDevice(stack, '1001', 'device_gw-1');
  endpointId = (await stack.addEndpoint(body)).id;
}
afterEach(() => stack.stop(), 15_000);

const closing = (client: TerminalClient, cause: string): boolean =>
  client.messages.some(one => one.type === 'closing' && one.cause === cause);

async function auditTexts(): Promise<string[]> {
  const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(
    '/audit/auditRecords?pageSize=200',
    { user: 'admin' },
  );
  return auditRecords.map(({ text }) => text);
}

describe('a session that is about to end', () => {
  it('warns that it is idle, continues when the user stays, and ends when they do not', async () => {
    await start({ [OPTION_KEYS.idleTimeout]: '2000' });
    const client = await stack.connectTerminal(endpointId);
    await device.serve();
    await waitUntil('a warning', () => closing(client, 'idle'));
    client.send({ type: 'stay' });
    await waitUntil('it is taken back', () => client.messages.some(m => m.type === 'stays-open'));
    expect(client.closeCode).toBeUndefined();
    await client.closed();
    expect(client.messages.at(-1)).toMatchObject({ type: 'ended', code: 'idle-timeout' });
    expect(client.messages.filter(one => one.type === 'closing').length).toBe(2);
    await waitUntil('the audit record', async () =>
      (await auditTexts()).some(text => text.includes('idle-timeout')),
    );
  });

  it('warns that its time is up', async () => {
    await start({ [OPTION_KEYS.maxDuration]: '1' });
    const client = await stack.connectTerminal(endpointId);
    await device.serve();
    await client.closed();
    expect(closing(client, 'duration')).toBe(true);
    expect(client.messages.at(-1)).toMatchObject({ type: 'ended', code: 'session-expired' });
  });

  it('ends with a specific reason when the client stops reading', async () => {
    await start({}, { STALLED_READER_SECONDS: '1' });
    const client = await stack.connectRaw(endpointId);
    const { socket } = await device.serve();
    client.pause();
    const flood = setInterval(
      () => socket.bufferedAmount === 0 && socket.send(Buffer.alloc(500_000)),
    );
    await once(socket, 'close');
    clearInterval(flood);
    client.terminate();
    await waitUntil('the audit record', async () =>
      (await auditTexts()).some(text => text.includes('reader-stalled')),
    );
  });
});

describe('a service that is told to stop', () => {
  it('opens no more sessions, tells the running ones, and lets them continue for the grace period', async () => {
    await start({}, { STOP_GRACE_SECONDS: '2', METRICS_PORT: '0' });
    const client = await stack.connectTerminal(endpointId);
    const { received } = await device.serve();
    await waitUntil('open', () =>
      client.messages.some(m => m.type === 'status' && m.step === 'open'),
    );
    const drained = stack.microservice.drain();
    await waitUntil('the page is told', () => closing(client, 'shutdown'));
    const ready = await stack.fetch('/service/remoteaccess/health/readiness');
    expect(ready.status).toBe(503);
    const ticket = await stack.fetch(`${stack.clientPath(endpointId)}/tickets`, { method: 'POST' });
    expect([ticket.status, await ticket.json()]).toMatchObject([
      503,
      { error: 'remoteaccess/shutting-down' },
    ]);
    client.type('still here');
    await waitUntil('bytes still flow', () => received.length === 10);
    await drained;
    expect(client.closeCode).toBeUndefined();
    await stack.microservice.stop();
    await client.closed();
    expect(client.messages.at(-1)).toMatchObject({ type: 'ended', code: 'shutting-down' });
  });

  it('does not wait once the sessions are over', async () => {
    await start({}, { STOP_GRACE_SECONDS: '3600' });
    const client = await stack.connectTerminal(endpointId);
    await device.serve();
    const drained = stack.microservice.drain();
    client.disconnect();
    await drained;
  });
});
