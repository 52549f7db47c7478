import { once } from 'node:events';
import { SUBPROTOCOLS } from '@remote-access/contracts';
import type { AuditRecord } from '@remote-access/contracts/platform';
import { tcpTarget, type TcpTarget, waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { Replicas } from '../fixtures/replicas';
import { SeparateStack } from '../fixtures/separate-stack';
import { TerminalClient } from '../fixtures/terminal-client';

const GRACE_SECONDS = 3;

let stack: SeparateStack;
let target: TcpTarget;
let endpointId: string;

async function start(graceSeconds: number): Promise<void> {
  [stack, target] = await Promise.all([
    SeparateStack.start({ STOP_GRACE_SECONDS: String(graceSeconds) }),
    tcpTarget(),
  ]);
  const place = { hostname: '127.0.0.1', port: target.port };
  endpointId = (await stack.addEndpoint({ name: 'Plc', ...place, protocol: 'PASSTHROUGH' })).id;
}
async function stop(): Promise<void> {
  await stack.stop();
  await target.stop();
}

async function open(): Promise<TerminalClient> {
  const client = await TerminalClient.open(await stack.ticketUrl(endpointId));
  await client.reaches('open');
  return client;
}

async function openRaw(): Promise<Received> {
  const url = await stack.ticketUrl(endpointId);
  const received = new Received(new WebSocket(url, SUBPROTOCOLS.raw, { perMessageDeflate: false }));
  await once(received.socket, 'open');
  return received;
}

let count = 0;
/** The endpoint echoes. */
async function echoes(client: TerminalClient): Promise<void> {
  const text = `line ${(count += 1)};`;
  client.type(text);
  await client.reads(text);
}

async function auditTexts(): Promise<string[]> {
  const path = '/audit/auditRecords?pageSize=200';
  const { auditRecords } = await stack.json<{ auditRecords: AuditRecord[] }>(path, {
    user: 'admin',
  });
  return auditRecords.map(({ activity, text }) => `${activity}: ${text}`);
}

const isTold = ({ messages }: TerminalClient): boolean =>
  messages.some(one => one.type === 'closing' && one.cause === 'shutdown');

describe('a service that gets SIGTERM', () => {
  afterEach(stop, 30_000);

  it('opens no session, tells the running ones, gives them time, and exits with 0', async () => {
    await start(GRACE_SECONDS);
    const [client, raw] = [await open(), await openRaw()];
    await echoes(client);
    raw.send(Buffer.from('raw'));
    await raw.has(3);
    const unused = await stack.ticketUrl(endpointId);
    const { process } = stack.microservice;
    const exit = once(process, 'exit');
    const signalledAt = performance.now();
    stack.microservice.signal('SIGTERM');
    await waitUntil('the client is told', () => isTold(client));
    const readiness = await fetch(`${stack.serviceUrl}/health/readiness`);
    expect(readiness.status).toBe(503);
    await expect(stack.ticketUrl(endpointId)).rejects.toThrow('shutting-down');
    await expect(TerminalClient.open(unused)).rejects.toThrow('503');
    while (client.closeCode === undefined && performance.now() - signalledAt < 2_000) {
      await echoes(client);
    }
    expect([client.closeCode, raw.code]).toEqual([undefined, undefined]);

    await client.closed();
    expect(client.messages.at(-1)).toMatchObject({ type: 'ended', code: 'shutting-down' });
    await raw.closed();
    expect(performance.now() - signalledAt).toBeGreaterThan(GRACE_SECONDS * 1_000 - 100);
    expect(await exit).toEqual([0, null]);
    const ends = (await auditTexts()).filter(text =>
      text.startsWith('Remote access session ended'),
    );
    expect(ends).toHaveLength(2);
    for (const text of ends) expect(text).toContain('(shutting-down:');
    const { operations } = await stack.json<{ operations: { status: string }[] }>(
      '/devicecontrol/operations?deviceId=1001&pageSize=100',
    );
    expect(operations.map(({ status }) => status)).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
  }, 60_000);

  it('exits as soon as the last session is over, or at a second signal', async () => {
    // So long that the test fails if it is awaited.
    await start(3_600);
    for (const leave of [
      (client: TerminalClient) => client.disconnect(),
      () => stack.microservice.signal('SIGINT'),
    ]) {
      const client = await open();
      const exit = once(stack.microservice.process, 'exit');
      stack.microservice.signal('SIGTERM');
      await waitUntil('the client is told', () => isTold(client));
      leave(client);
      expect(await exit).toEqual([0, null]);
      await client.closed();
      await stack.restartMicroservice();
    }
  }, 60_000);
});

it('a replica that gets SIGTERM waits for sessions of others that are connected through it', async () => {
  const replicas = await Replicas.start(2, { STOP_GRACE_SECONDS: '3600' });
  try {
    const [owner, between] = [replicas.services[0]!, replicas.services[1]!];
    const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
    const { id } = await replicas.addEndpoint(body, '1002');
    const client = await between.openTerminal(await owner.ticketPath(id, '1002'));
    const { received } = await replicas.gateway(between).serve();
    await client.reaches('open');
    const exit = once(between.process.process, 'exit');
    between.process.signal('SIGTERM');
    await waitUntil('it takes no more sessions', async () => {
      return (await between.fetch('/health/readiness')).status === 503;
    });
    for (let line = 0; line < 20; line += 1) {
      const before = received.length;
      client.type('still here');
      await received.has(before + 10);
    }
    client.disconnect();
    await client.closed();
    expect(await exit).toEqual([0, null]);
  } finally {
    await replicas.stop();
  }
}, 90_000);
