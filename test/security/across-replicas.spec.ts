import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectBroker, type NatsConnection } from '@nats-io/transport-node';
import type { RunningSession } from '@remote-access/contracts';
import { WebSocket } from 'ws';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { FORWARDED, type Replica, Replicas } from '../fixtures/replicas';
import { basic } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';
import type { Received } from '../fixtures/raw-device';

// Attacks whose parts reach different replicas. The session always runs at the first one.
const DEVICE = '1002';
const PASSTHROUGH = {
  name: 'Plc',
  hostname: '10.0.0.5',
  port: 502,
  protocol: 'PASSTHROUGH',
} as const;
const MEBIBYTE = 1024 * 1024;
const SESSIONS = `/devices/${DEVICE}/sessions`;

/** Growth of a process: its own buffers and garbage that was not collected yet. */
const MAX_GROWTH_BYTES = 32 * MEBIBYTE;

let replicas: Replicas;
let one: Replica;
let two: Replica;
let endpointId: string;

beforeAll(async () => {
  replicas = await Replicas.start(2, { LOG_LEVEL: 'debug' });
  [one, two] = [replicas.services[0]!, replicas.services[1]!];
  endpointId = (await replicas.addEndpoint(PASSTHROUGH, DEVICE)).id;
}, 60_000);
afterAll(() => replicas.stop(), 30_000);

interface Running {
  readonly near: TerminalClient;
  readonly far: Received;
}

/** Client and gateway connect to the other replica. */
async function session(user = 'operator'): Promise<Running> {
  const near = await two.openTerminal(await one.ticketPath(endpointId, DEVICE, user));
  const { received: far } = await replicas.gateway(two).serve();
  await near.reaches('open');
  return { near, far };
}

/** The user's own sessions, and all of them for one who configures the gateway. */
const sessionsOf = async (user: string): Promise<RunningSession[]> =>
  (await two.json<RunningSession[]>(SESSIONS, { user })).filter(one => one.user === user);

async function leave({ near }: Running): Promise<void> {
  near.disconnect();
  await near.closed();
}

async function isUndisturbed({ near, far }: Running): Promise<void> {
  const before = far.length;
  near.type('still here');
  await far.has(before + 10);
  expect(near.messages.filter(({ type }) => type === 'ended')).toEqual([]);
}

const residentBytes = (): number[] => replicas.services.map(({ process }) => process.residentBytes);

function expectBounded(before: readonly number[]): void {
  residentBytes().forEach((now, index) =>
    expect(now - before[index]!).toBeLessThan(MAX_GROWTH_BYTES),
  );
}

it('no credential, ticket or key is in a log line or passes the broker in clear', async () => {
  const broker: NatsConnection = await connectBroker({ servers: replicas.nats.url });
  let passed = '';
  broker.subscribe('>', {
    callback: (_error, { subject, data }) => {
      passed += `${subject} ${Buffer.from(data).toString('latin1')}\n`;
    },
  });
  await broker.flush();
  const secret = randomBytes(12).toString('hex');
  const vnc = { ...PASSTHROUGH, protocol: 'VNC', credentialsType: 'PASS_ONLY', password: secret };
  await replicas.addEndpoint(vnc as never, DEVICE);
  const path = await one.ticketPath(endpointId, DEVICE);
  const near = await two.openTerminal(path);
  const device = replicas.gateway(two);
  const { c8y_RemoteAccessConnect } = await device.pending();
  const key = c8y_RemoteAccessConnect!.connectionKey;
  const { received: far } = await device.serve();
  await near.reaches('open');
  await isUndisturbed({ near, far });
  await leave({ near, far });
  // From here on, nobody answers requests for what nobody has.
  await broker.close();
  const ticket = path.split('ticket=')[1]!;
  await expect(two.openTerminal(path)).rejects.toThrow('401');
  await expect(one.dial(key)).rejects.toThrow();

  const logged = replicas.services.flatMap(({ process }) => [...process.lines, process.stderr]);
  expect(logged.length).toBeGreaterThan(4);
  expect(passed).toContain('.key.');
  const encoded = basic('t1001/operator').slice('Basic '.length);
  for (const text of [passed, logged.join('\n')]) {
    for (const hidden of [ticket, key, secret, encoded]) expect(text).not.toContain(hidden);
  }
  // Whoever reads along at the broker learns no names either.
  for (const name of ['operator', 't1001', DEVICE]) expect(passed).not.toContain(name);
});

it('another user can neither join nor end a session through another replica', async () => {
  const running = await session('engineer');
  const [found] = await sessionsOf('engineer');
  const end = (id: string, user: string): Promise<Response> =>
    two.fetch(`${SESSIONS}/${id}`, { method: 'DELETE', user });
  expect(await sessionsOf('operator')).toEqual([]);
  expect((await end(found!.id, 'operator')).status).toBe(404);
  expect((await end(found!.id, 'viewer')).status).toBe(403);
  const elsewhere = await two.fetch(`/devices/1001/sessions/${found!.id}`, { method: 'DELETE' });
  expect(elsewhere.status).toBe(404);
  const tickets = `/client/${DEVICE}/configurations/${endpointId}/tickets`;
  const resume = { sessionId: found!.id, output: 0, input: 0, keys: ['k'.repeat(43)] };
  const joined = await two.fetch(tickets, {
    method: 'POST',
    user: 'operator',
    body: JSON.stringify({ resume }),
  });
  expect(joined.ok).toBe(false);
  await isUndisturbed(running);
  await leave(running);
});

describe('through another replica', () => {
  it('compression is not negotiated, and a message of 16 MiB is refused while it arrives', async () => {
    const ticket = await one.ticketPath(endpointId, DEVICE);
    const upgrade = await rawUpgrade(two.url, ticket, {
      ...FORWARDED,
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
    });
    expect(upgrade.status).toBe(101);
    expect(upgrade.headers.get('sec-websocket-extensions')).toBeUndefined();
    upgrade.socket.destroy();

    const beside = await session('engineer');
    const running = await session();
    await isUndisturbed(running);
    const before = residentBytes();
    running.near.socket.send(Buffer.alloc(16 * MEBIBYTE));
    await running.near.closed();
    expect(running.near.closeCode).toBe(1009);
    await running.far.closed();
    expectBounded(before);
    await isUndisturbed(beside);
    await leave(beside);
  });

  it.each<[string, (socket: WebSocket) => void]>([
    ['pings', socket => socket.ping()],
    ['empty fragments', socket => socket.send('', { binary: true, fin: false })],
    ['resizes', socket => socket.send(JSON.stringify({ type: 'resize', cols: 80, rows: 24 }))],
  ])(
    'a flood of %s, from a client that does not read, to a gateway that does not either, is bounded',
    async (_what, flood) => {
      const beside = await session('engineer');
      const before = residentBytes();
      const running = await session();
      await isUndisturbed(running);
      running.far.socket.pause();
      const { socket } = running.near;
      // Nothing is read either: pongs and answers pile up at the service.
      socket.pause();
      for (let sent = 0; sent < 200_000 && socket.readyState === WebSocket.OPEN; sent += 1) {
        flood(socket);
        if (sent % 1_000 === 0) await new Promise(setImmediate);
      }
      await isUndisturbed(beside);
      expectBounded(before);
      running.far.socket.resume();
      socket.terminate();
      // A client that is gone is noticed once what it sent before has been read.
      const [found] = await sessionsOf('operator');
      if (found) await two.fetch(`${SESSIONS}/${found.id}`, { method: 'DELETE' });
      await running.far.closed();
      await leave(beside);
    },
    60_000,
  );

  it('a ticket is used up by an attempt for another endpoint, and of no use to another tenant', async () => {
    const other = await replicas.addEndpoint({ ...PASSTHROUGH, name: 'Two' }, DEVICE);
    const ticket = await one.ticketPath(endpointId, DEVICE);
    const misused = ticket.replace(`/configurations/${endpointId}`, `/configurations/${other.id}`);
    await expect(two.openTerminal(misused)).rejects.toThrow('401');
    await expect(two.openTerminal(ticket)).rejects.toThrow('401');
    await expect(one.openTerminal(ticket)).rejects.toThrow('401');
  });
});

it('a replica answers no question and forwards nothing for a caller from outside', async () => {
  for (const path of ['/ask/sessions', '/forward']) {
    for (const { url } of replicas.services) {
      const answer = await fetch(url + path, { method: 'POST', body: '{}' });
      expect([401, 404, 415]).toContain(answer.status);
    }
  }
  const waiting = await two.openTerminal(await two.ticketPath(endpointId, DEVICE));
  const { id, c8y_RemoteAccessConnect } = await replicas.gateway(two).pending();
  const { connectionKey } = c8y_RemoteAccessConnect!;
  // A key is refused to other tenants and users wherever it arrives, and stays usable.
  for (const user of ['t1002/admin', 't1001/operator', 't1001/device_gw-1']) {
    const answer = await rawUpgrade(one.url, `/device/${connectionKey}`, {
      ...FORWARDED,
      authorization: basic(user),
    });
    answer.socket.destroy();
    expect([401, 403, 404]).toContain(answer.status);
  }
  const gateway = await one.dial(connectionKey);
  const closed = once(gateway, 'close');
  await replicas.gateway(two).report(id, 'SUCCESSFUL');
  waiting.disconnect();
  await waiting.closed();
  await closed;
});
