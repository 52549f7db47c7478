import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningSession } from '@remote-access/contracts';
import {
  CONNECT_DESCRIPTION,
  FRAGMENTS,
  type Operation,
  SESSION_FRAGMENT,
} from '@remote-access/contracts/platform';
import { waitUntil } from '@remote-access/testkit';
import type { WebSocket } from 'ws';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { RandomFlood } from '../fixtures/random-flood';
import { FORWARDED, type Replica, Replicas } from '../fixtures/replicas';
import { basic } from '../fixtures/stack';

const DEVICE = '1002';
const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
/** Without a pause, the loops of this file would take a core. */
const LOOK_AGAIN_MS = 100;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let replicas: Replicas;
let one: Replica;
let two: Replica;
let endpointId: string;

beforeAll(async () => {
  replicas = await Replicas.start(2, {
    MAX_SESSIONS_PER_USER: '3',
    MAX_SESSIONS_PER_DEVICE: '4',
  });
  [one, two] = [replicas.services[0]!, replicas.services[1]!];
  endpointId = (await replicas.addEndpoint(body, DEVICE)).id;
}, 60_000);
afterAll(() => replicas.stop(), 30_000);

afterEach(() =>
  waitUntil('no operation waits', async () => (await operations('&status=PENDING')).length === 0),
);

async function operations(query: string): Promise<Operation[]> {
  const path = `/devicecontrol/operations?deviceId=${DEVICE}${query}&pageSize=200`;
  const answer = await fetch(replicas.emulator.url + path, {
    headers: { authorization: basic('t1001/device_gw-2') },
  });
  return ((await answer.json()) as { operations: Operation[] }).operations;
}

async function pendingKey(): Promise<{ id: string; key: string }> {
  let newest: Operation | undefined;
  await waitUntil('a PENDING operation', async () => {
    newest = (await operations('&status=PENDING')).at(-1);
    return newest !== undefined;
  });
  return { id: newest!.id, key: newest!.c8y_RemoteAccessConnect!.connectionKey };
}

async function report(id: string, status: string): Promise<void> {
  await fetch(`${replicas.emulator.url}/devicecontrol/operations/${id}`, {
    method: 'PUT',
    headers: { authorization: basic('t1001/device_gw-2'), 'content-type': 'application/json' },
    body: JSON.stringify({ status }),
  });
}

/**
 * A session with a ticket from `issuer`, whose client and gateway connect to the given replicas.
 * @param status what the gateway reports of the operation once it is connected
 */
async function pair(
  issuer: Replica,
  client: Replica,
  gateway: Replica,
  { user = 'operator', status = 'SUCCESSFUL' } = {},
) {
  const near = await client.openTerminal(await issuer.ticketPath(endpointId, DEVICE, user));
  const { id, key } = await pendingKey();
  await report(id, 'EXECUTING');
  const far = await gateway.dial(key);
  await report(id, status);
  const isOpen = (): boolean =>
    near.messages.some(message => message.type === 'status' && message.step === 'open');
  await waitUntil('the session is open', isOpen);
  return { near, far, id };
}

const sessions = (at: Replica): Promise<RunningSession[]> => at.json(`/devices/${DEVICE}/sessions`);

async function receive(socket: WebSocket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let have = 0;
  const take = (chunk: Buffer, isBinary: boolean): void => {
    if (!isBinary) return;
    chunks.push(chunk);
    have += chunk.length;
  };
  socket.on('message', take);
  await waitUntil(`${length} bytes`, () => have >= length, 60_000);
  socket.off('message', take);
  return Buffer.concat(chunks);
}

async function echoes(near: WebSocket, far: WebSocket): Promise<void> {
  const [there, back] = [randomBytes(32), randomBytes(32)];
  const arrived = Promise.all([receive(far, 32), receive(near, 32)]);
  near.send(there);
  far.send(back);
  expect((await arrived).map(sha256)).toEqual([there, back].map(sha256));
}

describe('two replicas', () => {
  it('carry every byte of sessions whose client and gateway connect anywhere', async () => {
    const there = randomBytes(8_000_000);
    const back = randomBytes(8_000_000);
    for (const [client, gateway] of [
      [one, two],
      [two, one],
      [two, two],
    ] as const) {
      const { near, far } = await pair(one, client, gateway);
      const arrived = Promise.all([receive(far, there.length), receive(near.socket, back.length)]);
      for (let at = 0; at < there.length; at += 500_000) {
        near.socket.send(there.subarray(at, at + 500_000));
        far.send(back.subarray(at, at + 500_000));
      }
      const [atFar, atNear] = await arrived;
      expect([sha256(atFar), sha256(atNear)]).toEqual([sha256(there), sha256(back)]);
      near.disconnect();
      await once(far, 'close');
    }
  }, 90_000);

  it('let a key and a ticket be used once, even if both replicas are asked at the same instant (security)', async () => {
    const path = await one.ticketPath(endpointId, DEVICE);
    const opened = await Promise.allSettled([one.openTerminal(path), two.openTerminal(path)]);
    const clients = opened.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
    expect(clients).toHaveLength(1);
    const { id, key } = await pendingKey();
    const dialled = await Promise.allSettled([two.dial(key), one.dial(key), two.dial(key)]);
    expect(dialled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(two.dial(key)).rejects.toThrow();
    await report(id, 'SUCCESSFUL');
    clients[0]!.disconnect();
    await clients[0]!.closed();
  });

  it('refuse the key to another device, wherever it connects (security)', async () => {
    const client = await one.openTerminal(await one.ticketPath(endpointId, DEVICE));
    const { key } = await pendingKey();
    await expect(two.dial(key, 'device_gw-1')).rejects.toThrow('404');
    client.disconnect();
    await client.closed();
  });

  it("list and end each other's sessions", async () => {
    const { near } = await pair(one, one, one);
    const [found] = await sessions(two);
    expect(found).toMatchObject({ user: 'operator', endpointId, state: 'open' });
    const [same] = await sessions(one);
    expect(same).toEqual({ ...found, gatewayMs: same!.gatewayMs });
    expect(found!.replica).toMatch(/^[\w-]{8}$/);
    const path = `/devices/${DEVICE}/sessions/${found!.id}`;
    expect((await two.fetch(path, { method: 'DELETE', user: 'operator' })).status).toBe(204);
    await near.closed();
    expect(near.messages.at(-1)).toMatchObject({ type: 'ended', code: 'session-terminated' });
    expect((await two.fetch(path, { method: 'DELETE' })).status).toBe(404);
  });

  it('count quotas together', async () => {
    const open = [await pair(one, one, one), await pair(two, two, two), await pair(one, one, two)];
    const refused = two.openTerminal(await two.ticketPath(endpointId, DEVICE));
    await expect(refused).rejects.toThrow('429');
    for (const { near } of open) near.disconnect();
    await Promise.all(open.map(({ near }) => near.closed()));
  });

  it('let as many sessions open at the same instant as a gateway may have', async () => {
    const paths = await Promise.all(
      [one, two, one, two, one, two].map(async (at, index) => {
        const user = index < 3 ? 'operator' : 'engineer';
        return { at, path: await at.ticketPath(endpointId, DEVICE, user) };
      }),
    );
    const opened = await Promise.allSettled(paths.map(({ at, path }) => at.openTerminal(path)));
    const clients = opened.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
    const refused = opened.flatMap(each =>
      each.status === 'rejected' ? [String(each.reason)] : [],
    );
    expect(refused.filter(reason => !reason.includes('429'))).toEqual([]);
    const waiting = () => clients.filter(({ closeCode }) => closeCode === undefined);
    // Each remaining one waits for the gateway.
    await waitUntil('the others have ended', async () => {
      return (await operations('&status=PENDING')).length === waiting().length;
    });
    expect(waiting()).toHaveLength(4);
    for (const { messages } of clients.filter(client => !waiting().includes(client))) {
      expect(messages.at(-1)).toMatchObject({ type: 'ended', code: 'too-many-requests' });
    }
    for (const client of waiting()) client.disconnect();
    await Promise.all(clients.map(client => client.closed()));
  });

  it('end their sessions when remote access is disabled at another one', async () => {
    const { near } = await pair(one, one, one);
    const settings = await two.json<Record<string, unknown>>('/settings', { user: 'admin' });
    const change = (enabled: boolean): Promise<unknown> => {
      const { noticeId, revision, ...all } = settings;
      expect([typeof noticeId, typeof revision]).toEqual(['object', 'string']);
      const text = JSON.stringify({ ...all, enabled });
      return two.json('/settings', { method: 'PUT', user: 'admin', body: text });
    };
    await change(false);
    await near.closed();
    expect(near.messages.at(-1)).toMatchObject({ code: 'remote-access-off' });
    await change(true);
  });

  it('keep all of many concurrent edits', async () => {
    const path = `/devices/1001/configurations`;
    const names = Array.from({ length: 20 }, (_, n) => `edit ${n}`);
    const answers = await Promise.all(
      names.map((name, n) =>
        [one, two][n % 2]!.fetch(path, {
          method: 'POST',
          body: JSON.stringify({ ...body, name }),
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
    const list = await one.json<{ name: string; id: string }[]>(path);
    const found = list.map(({ name }) => name).filter(name => name.startsWith('edit'));
    expect(found.sort()).toEqual(names.sort());
    expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
  }, 60_000);
});

describe('while the broker is unavailable', () => {
  const unavailable = { error: 'remoteaccess/cluster-unavailable' };
  const edit = (at: Replica): Promise<Response> =>
    at.fetch(`/devices/1001/configurations`, { method: 'POST', body: JSON.stringify(body) });

  async function isBack(): Promise<void> {
    await replicas.knowEachOther();
    await waitUntil('edits work again', async () => (await edit(two)).status === 201, 20_000);
  }

  it('sessions continue, local ones open, and what needs the others is clearly refused', async () => {
    const { near, far } = await pair(one, two, two);
    await replicas.nats.kill();
    await waitUntil('it is noticed', async () => (await edit(one)).status === 503, 20_000);
    expect(await (await edit(one)).json()).toMatchObject(unavailable);
    await echoes(near.socket, far);

    const local = await pair(two, two, two);
    await echoes(local.near.socket, local.far);
    local.near.disconnect();
    const ticket = await two.ticketPath(endpointId, DEVICE);
    await expect(one.openTerminal(ticket)).rejects.toThrow('503');

    const waiting = await two.openTerminal(await two.ticketPath(endpointId, DEVICE));
    const { id, key } = await pendingKey();
    const answer = await rawUpgrade(one.url, `/device/${key}`, {
      ...FORWARDED,
      authorization: basic('t1001/device_gw-2'),
    });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([503, unavailable]);
    // The key is not used up.
    const gateway = await two.dial(key);
    await report(id, 'SUCCESSFUL');
    await echoes(waiting.socket, gateway);
    waiting.disconnect();

    await replicas.nats.restart();
    await isBack();
    await echoes(near.socket, far);
    near.disconnect();
    const again = await pair(one, two, two);
    again.near.disconnect();
    await again.near.closed();
  }, 90_000);

  it('a pause of 12 s ends no session and loses no byte of a flood in both directions', async () => {
    const { near, far } = await pair(one, two, two);
    const local = await pair(one, one, one);
    const floods = [new RandomFlood(near.socket, far), new RandomFlood(far, near.socket)];
    await waitUntil('bytes flow', () => floods.every(({ receivedBytes }) => receivedBytes > 0));
    replicas.nats.pause();
    const until = performance.now() + 12_000;
    while (performance.now() < until) {
      const before = floods.map(({ receivedBytes }) => receivedBytes);
      await echoes(local.near.socket, local.far);
      await waitUntil('bytes still flow', () =>
        floods.every(({ receivedBytes }, index) => receivedBytes > before[index]!),
      );
      await pause(LOOK_AGAIN_MS);
    }
    expect((await edit(one)).status).toBe(503);
    replicas.nats.resume();
    await isBack();
    for (const flood of floods) await flood.stop();
    expect(floods.map(({ received }) => received)).toEqual(floods.map(({ sent }) => sent));
    for (const { near: client } of [{ near }, local]) {
      expect(client.messages.filter(({ type }) => type === 'ended')).toEqual([]);
      client.disconnect();
      await client.closed();
    }
  }, 120_000);
});

/** Adds to the platform what a process that was killed long ago has left. @returns its id */
async function abandonedOperation(): Promise<string> {
  const create = async (path: string, content: object): Promise<Response> => {
    const answer = await fetch(replicas.emulator.url + path, {
      method: 'POST',
      headers: {
        authorization: basic('t1001/admin'),
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body: JSON.stringify(content),
    });
    expect(answer.status).toBe(201);
    return answer;
  };
  const connect = { hostname: 'plc', port: 502, connectionKey: 'none' };
  const operation = await create('/devicecontrol/operations', {
    deviceId: DEVICE,
    description: CONNECT_DESCRIPTION,
    [FRAGMENTS.connect]: connect,
  });
  const { id } = (await operation.json()) as Operation;
  await report(id, 'EXECUTING');
  await create('/audit/auditRecords', {
    type: 'Operation',
    application: 'cloud-remote-access',
    activity: 'Remote access session started',
    text: 'Connected',
    time: new Date().toISOString(),
    source: { id },
    [SESSION_FRAGMENT]: { owner: 'a process that was killed' },
  });
  return id;
}

it('a replica that starts while the broker is unavailable ends nothing that others run', async () => {
  const settings = await two.json<Record<string, unknown>>('/settings', { user: 'admin' });
  const { noticeId, revision, ...all } = settings;
  expect([typeof noticeId, typeof revision]).toEqual(['object', 'string']);
  // The shortest that is allowed, so that operations soon count as abandoned.
  const change = JSON.stringify({ ...all, operationTimeoutSeconds: 5 });
  await two.json('/settings', { method: 'PUT', user: 'admin', body: change });
  const { near, far, id } = await pair(one, one, one, { status: 'EXECUTING' });
  const abandoned = await abandonedOperation();
  const executing = async (): Promise<string[]> =>
    (await operations('&status=EXECUTING')).map(operation => operation.id);
  const ends = async (operationId: string): Promise<number> =>
    (await replicas.auditOf(operationId)).filter(text =>
      text.startsWith('Remote access session ended'),
    ).length;

  await replicas.nats.kill();
  const third = await replicas.add();
  // It looks for abandoned operations until 20 s after its start, and for sessions after 21 s.
  const until = performance.now() + 27_000;
  while (performance.now() < until) {
    await echoes(near.socket, far);
    expect(await executing()).toContain(id);
    await pause(LOOK_AGAIN_MS);
  }
  expect(await executing()).toContain(abandoned);
  expect([await ends(id), await ends(abandoned)]).toEqual([0, 0]);

  await replicas.nats.restart();
  await waitUntil(
    'what nobody runs is finished',
    async () => (await ends(abandoned)) > 0 && !(await executing()).includes(abandoned),
    60_000,
  );
  expect(await executing()).toContain(id);
  expect([await ends(id), await ends(abandoned)]).toEqual([0, 1]);
  await echoes(near.socket, far);
  near.disconnect();
  await near.closed();
  await waitUntil('the end of the session is recorded', async () => (await ends(id)) > 0);
  expect(await ends(id)).toBe(1);

  await replicas.remove(third);
  await replicas.knowEachOther();
}, 180_000);

it('a replica that dies ends only its own sessions, and another one finishes what it left', async () => {
  const { near, far } = await pair(one, one, one);
  const running = await pair(two, two, two);
  await two.openTerminal(await two.ticketPath(endpointId, DEVICE));
  const { id } = await pendingKey();
  const lost = once(running.far, 'close');
  await two.process.end('SIGKILL');
  const diedAt = performance.now();
  await waitUntil(
    'the operation is finished',
    async () => (await operations('&status=FAILED')).some(operation => operation.id === id),
    20_000,
  );
  await waitUntil(
    'the audit log has the end of its session',
    async () =>
      (await replicas.auditOf(running.id)).some(text => text.includes('no longer answers')),
    20_000,
  );
  // Not a limit of the machine, but the time that the product promises.
  expect(performance.now() - diedAt).toBeLessThan(15_000);
  await lost;
  await echoes(near.socket, far);
  near.disconnect();
  await near.closed();
}, 60_000);
