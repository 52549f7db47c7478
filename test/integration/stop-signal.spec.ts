import { once } from 'node:events';
import { startAgent } from '@remote-access/agent';
import { SUBPROTOCOLS } from '@remote-access/contracts';
import type { AuditRecord } from '@remote-access/contracts/platform';
import { startScriptedVnc, tcpTarget, type TcpTarget, waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { FORWARDED, type Replica, Replicas } from '../fixtures/replicas';
import { ResumingClient, type ServiceAddress } from '../fixtures/resuming-client';
import { SeparateStack } from '../fixtures/separate-stack';
import { GATEWAY, PASSWORD } from '../fixtures/stack';
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

describe('a replica that gets SIGTERM', () => {
  const PLACE = { name: 'Plc', hostname: '10.0.0.5', port: 502 };
  let replicas: Replicas;
  let owner: Replica;
  let between: Replica;

  async function startReplicas(graceSeconds: number): Promise<void> {
    replicas = await Replicas.start(2, { STOP_GRACE_SECONDS: String(graceSeconds) });
    [owner, between] = [replicas.services[0]!, replicas.services[1]!];
  }
  afterEach(() => replicas.stop(), 30_000);

  const isStopping = (): Promise<void> =>
    waitUntil('it takes no more sessions', async () => {
      return (await between.fetch('/health/readiness')).status === 503;
    });

  it.each([
    ['whose client is connected through it', () => between, () => owner],
    ['whose gateway is connected through it', () => owner, () => between],
    ['both of whose sides are connected through it', () => between, () => between],
  ])(
    'waits for a session of another one %s, and tells its user',
    async (_which, near, far) => {
      // So long that the test fails if it is awaited.
      await startReplicas(3_600);
      const { id } = await replicas.addEndpoint({ ...PLACE, protocol: 'PASSTHROUGH' }, '1002');
      const client = await near().openTerminal(await owner.ticketPath(id, '1002'));
      const { received } = await replicas.gateway(far()).serve();
      await client.reaches('open');
      const exit = once(between.process.process, 'exit');
      between.process.signal('SIGTERM');
      await isStopping();
      expect(await client.message('closing')).toEqual({
        ...{ type: 'closing', cause: 'shutdown', inMs: 3_600_000 },
      });
      for (let line = 0; line < 20; line += 1) {
        const before = received.length;
        client.type('still here');
        await received.has(before + 10);
      }
      client.disconnect();
      await client.closed();
      expect(await exit).toEqual([0, null]);
    },
    90_000,
  );

  it('lets the sessions of others that are connected through it end with the reason', async () => {
    await startReplicas(2);
    const { id } = await replicas.addEndpoint({ ...PLACE, protocol: 'PASSTHROUGH' }, '1002');
    const open = async (near: Replica, far: Replica): Promise<TerminalClient> => {
      const client = await near.openTerminal(await owner.ticketPath(id, '1002'));
      await replicas.gateway(far).serve();
      await client.reaches('open');
      return client;
    };
    const affected = [await open(between, owner), await open(owner, between)];
    const other = await open(owner, owner);
    const exit = once(between.process.process, 'exit');
    between.process.signal('SIGTERM');
    for (const client of affected) {
      await client.closed();
      expect(client.messages.at(-1)).toMatchObject({ type: 'ended', code: 'shutting-down' });
    }
    expect(await exit).toEqual([0, null]);
    expect([isTold(other), other.closeCode]).toEqual([false, undefined]);
    other.disconnect();
    await other.closed();
  }, 90_000);

  it('hands a terminal of another one that is connected through it over at once', async () => {
    // So long that the test fails if it is awaited.
    await startReplicas(3_600);
    const { id } = await replicas.addEndpoint({ ...PLACE, protocol: 'TELNET' }, '1002');
    let ingress = between;
    const address: ServiceAddress = {
      clientPath: endpointId => `/client/1002/configurations/${endpointId}`,
      fetch: (...call) => ingress.fetch(...call),
      webSocketUrl: path => ingress.webSocketUrl(path),
    };
    const gateway = replicas.gateway(owner);
    const call = { user: 'operator', headers: FORWARDED };
    // The ticket comes from the replica that will run the session.
    const [client, { received }] = await Promise.all([
      ResumingClient.open({ ...address, fetch: (...all) => owner.fetch(...all) }, id, call, '1002'),
      gateway.serve(),
    ]);
    received.send(Buffer.from('before '));
    await client.reads('before ');
    await waitUntil('it can be resumed', () => client.id !== '');
    const exit = once(between.process.process, 'exit');
    between.process.signal('SIGTERM');
    await client.closed();
    expect(client.messages.map(({ type }) => type)).not.toContain('closing');
    expect(await exit).toEqual([0, null]);
    received.send(Buffer.from('meanwhile'));
    ingress = owner;
    await client.resume();
    await client.reads('before meanwhile');
    client.disconnect();
    await client.closed();
  }, 90_000);

  /** A terminal that runs at the first replica, whose page shows watchers. */
  async function watchable(id: string): Promise<{ client: ResumingClient; far: Received }> {
    const call = { user: 'operator', headers: FORWARDED };
    const address: ServiceAddress = {
      clientPath: endpointId => `/client/1002/configurations/${endpointId}`,
      fetch: (...all) => owner.fetch(...all),
      webSocketUrl: path => owner.webSocketUrl(path),
    };
    const [client, { received }] = await Promise.all([
      ResumingClient.open(address, id, call, '1002'),
      replicas.gateway(owner).serve(),
    ]);
    client.onMessage = message => {
      if (message.type !== 'screen-wanted') return;
      const screen = { output: client.received, cols: 80, rows: 24, data: 'SCREEN' };
      client.send({ type: 'screen', id: message.id, ...screen });
    };
    client.send({ type: 'watchable' });
    received.send(Buffer.from('before '));
    await client.reads('before ');
    await waitUntil('it can be watched', () => client.id !== '');
    return { client, far: received };
  }

  async function watch(near: Replica, id: string, sessionId: string): Promise<TerminalClient> {
    const path = `/client/1002/configurations/${id}`;
    const body = JSON.stringify({ watch: { sessionId } });
    const init = { method: 'POST', user: 'engineer', body };
    const { ticket } = await near.json<{ ticket: string }>(`${path}/tickets`, init);
    const watcher = await near.openTerminal(`${path}?ticket=${ticket}`);
    await watcher.message('screen');
    return watcher;
  }

  it('tells the watchers of a session of another one that are connected through it, and ends them with the reason', async () => {
    await startReplicas(2);
    const { id } = await replicas.addEndpoint({ ...PLACE, protocol: 'TELNET' }, '1002');
    const { client, far } = await watchable(id);
    const [affected, other] = [
      await watch(between, id, client.id),
      await watch(owner, id, client.id),
    ];
    const exit = once(between.process.process, 'exit');
    between.process.signal('SIGTERM');
    expect(await affected.message('closing')).toEqual({
      ...{ type: 'closing', cause: 'shutdown', inMs: 2_000 },
    });
    far.send(Buffer.from('meanwhile '));
    await affected.reads('meanwhile ');
    await affected.closed();
    expect(affected.messages.at(-1)).toMatchObject({ type: 'ended', code: 'shutting-down' });
    expect(await exit).toEqual([0, null]);
    far.send(Buffer.from('afterwards'));
    await Promise.all([client.reads('afterwards'), other.reads('afterwards')]);
    for (const { messages } of [client, other]) {
      expect(messages.filter(({ type }) => type === 'closing')).toEqual([]);
    }
    client.disconnect();
    await client.closed();
  }, 90_000);

  it('tells the watchers of its own sessions', async () => {
    await startReplicas(2);
    const { id } = await replicas.addEndpoint({ ...PLACE, protocol: 'TELNET' }, '1002');
    const { client } = await watchable(id);
    const watchers = [await watch(between, id, client.id), await watch(owner, id, client.id)];
    owner.process.signal('SIGTERM');
    for (const watcher of watchers) {
      expect(await watcher.message('closing')).toMatchObject({ cause: 'shutdown' });
      await watcher.closed();
      expect(watcher.messages.at(-1)).toMatchObject({ type: 'ended', code: 'shutting-down' });
    }
  }, 90_000);

  it('only disconnects a desktop of another one after the grace time, so that its page shows it again', async () => {
    await startReplicas(2);
    const [panel, agent] = await Promise.all([
      startScriptedVnc({ version: '003.008' }),
      startAgent(
        {
          baseUrl: replicas.emulator.url,
          user: 't1001/device_gw-1',
          password: PASSWORD,
          externalId: 'gw-1',
        },
        { log: () => undefined },
      ),
    ]);
    try {
      const place = { name: 'Panel', hostname: '127.0.0.1', port: panel.port };
      const body = { ...place, protocol: 'VNC', credentialsType: 'NONE' } as const;
      const { id } = await replicas.addEndpoint(body, GATEWAY);
      const open = async (near: Replica): Promise<TerminalClient> => {
        const client = await near.openTerminal(await owner.ticketPath(id, GATEWAY));
        await client.reads('RFB 003.008');
        return client;
      };
      const client = await open(between);
      const exit = once(between.process.process, 'exit');
      between.process.signal('SIGTERM');
      expect(await client.message('closing')).toMatchObject({ cause: 'shutdown' });
      expect(client.closeCode).toBeUndefined();
      await client.closed();
      // Without a reason: that is how the page knows that it may begin again.
      expect([client.closeCode, client.closeReason]).toEqual([1006, '']);
      expect(client.messages.map(({ type }) => type)).not.toContain('ended');
      expect(await exit).toEqual([0, null]);
      const again = await open(owner);
      again.disconnect();
      await again.closed();
    } finally {
      await agent.stop();
      await panel.stop();
    }
  }, 90_000);
});
