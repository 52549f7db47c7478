import type { Endpoint, Ticket } from '@remote-access/contracts';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Received } from '../fixtures/raw-device';
import { ResumingClient } from '../fixtures/resuming-client';
import { basic, PASSWORD, Stack } from '../fixtures/stack';
import { TerminalClient } from '../fixtures/terminal-client';
import { VncViewer } from '../fixtures/vnc-viewer';
import { setWatching, WatchedSession, WatcherClient } from '../fixtures/watched-session';

// Who may watch another user's session, and what they may do with it.
const ENGINEER = '/user/t1001/users/engineer';

let stack: Stack;
let target: TcpTarget;
let endpoint: Endpoint;
let typed: string;
let say: (text: string) => void;
let opened: { readonly socket: WebSocket }[];

beforeEach(async () => {
  [typed, opened] = ['', []];
  stack = await Stack.start({ env: { SESSION_REVIEW_SECONDS: '1' } });
  target = await tcpTarget(socket => {
    say = text => socket.write(text);
    socket.on('data', (data: Buffer) => (typed += data.toString('latin1')));
    socket.write('WELCOME');
  });
  const { port } = target;
  const body = { name: 'Controller', hostname: '127.0.0.1', port, protocol: 'TELNET' } as const;
  endpoint = await stack.addEndpoint(body);
});
afterEach(async () => {
  for (const { socket } of opened) socket.terminate();
  await stack.stop();
  await target.stop();
}, 15_000);

async function watchedSession(id = endpoint.id): Promise<WatchedSession> {
  const session = await WatchedSession.open(stack, id);
  opened.push(session.client);
  if (id === endpoint.id) await session.client.reads('WELCOME');
  return session;
}

const watch = async (sessionId: string, user?: string, id = endpoint.id) => {
  const watcher = await WatcherClient.open(stack, id, sessionId, user);
  if (typeof watcher !== 'string') opened.push(watcher.client);
  return watcher;
};

async function watcherOf({ client }: WatchedSession, user?: string): Promise<WatcherClient> {
  const watcher = await watch(client.id, user);
  if (typeof watcher === 'string') throw new Error(watcher);
  return watcher;
}

const asAdmin = async (method: string, path: string): Promise<void> => {
  expect((await stack.fetch(path, { method, user: 'admin' })).ok).toBe(true);
};

async function endsWith(client: TerminalClient, code: string): Promise<void> {
  expect(await client.message('ended')).toMatchObject({ code });
  await client.closed();
}

it('only users who may configure the endpoint and know the session', async () => {
  const { client } = await watchedSession();
  expect(await watch(client.id, 'viewer')).toBe('403 forbidden');
  expect(await watch(client.id, 'operator')).toBe('403 forbidden');
  expect(await watch('f'.repeat(32))).toBe('404 session-not-found');
  const { hostname, port, protocol } = endpoint;
  const other = await stack.addEndpoint({ name: 'Other', hostname, port, protocol });
  expect(await watch(client.id, 'engineer', other.id)).toBe('404 session-not-found');
  const foreign = await stack.fetch(`${stack.clientPath(endpoint.id)}/tickets`, {
    method: 'POST',
    headers: { authorization: basic('t1002/admin', PASSWORD) },
    body: JSON.stringify({ watch: { sessionId: client.id } }),
  });
  expect(foreign.status).toBe(404);
});

it('nobody while the tenant does not allow it, and nobody any longer once it stops allowing it', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  await setWatching(stack, 'off');
  await endsWith(watcher.client, 'watch-off');
  expect(await watch(session.client.id)).toBe('403 watch-off');
  session.client.type('goes on\r');
  await waitUntil('the session goes on', () => typed.includes('goes on'));
});

it('nobody without consent, if users are asked', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  await setWatching(stack, 'consent');
  await endsWith(watcher.client, 'watch-off');
  await session.showsWatchers();
});

it('nobody whose permission was revoked meanwhile', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  session.client.send({ type: 'keyboard', watcher: 1 });
  await watcher.shows({ keyboard: 'you' });
  await asAdmin('DELETE', `${ENGINEER}/roles/ROLE_REMOTE_ACCESS_ADMIN`);
  await endsWith(watcher.client, 'forbidden');
  await session.showsWatchers();
  expect(session.shown).toMatchObject({ keyboard: null });
});

it('no session whose user would not be told', async () => {
  const silent = await ResumingClient.open(stack, endpoint.id);
  opened.push(silent);
  expect(await watch(silent.id)).toBe('409 not-watchable');
  const raw = await stack.connectRaw(endpoint.id);
  opened.push({ socket: raw });
  await waitUntil('both sessions', async () => {
    const list = await stack.json<{ id: string }[]>('/service/remoteaccess/sessions');
    const answers = await Promise.all(list.map(({ id }) => watch(id)));
    return answers.length === 2 && answers.every(answer => answer === '409 not-watchable');
  });
});

it('a watcher cannot affect the session, whatever it sends', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  const { client } = watcher;
  client.type('rm -rf /\r');
  client.send({ type: 'keyboard', watcher: 1 });
  client.send({ type: 'watch-answer', id: 1, allow: true });
  client.send({ type: 'screen', id: 1, output: 7, cols: 1, rows: 1, data: 'false' });
  client.send({ type: 'break' });
  client.send({ type: 'resize', cols: 1, rows: 1 });
  client.send({ type: 'keep', key: 'k'.repeat(43) });
  client.send({ type: 'renew', ticket: 'none' });
  client.send({ type: 'stay' });
  client.send({ type: 'flow', state: 'hold' });
  client.send({ type: 'ack', bytes: 2 ** 50 });
  client.type('x'.repeat(512 * 1024));
  say('goes on');
  await session.client.reads('goes on');
  session.client.type('pwd\r');
  await waitUntil('the input', () => typed.includes('pwd'));
  expect(typed).not.toMatch(/rm|x/);
  expect(session.shown).toMatchObject({ keyboard: null });
  expect(watcher.state).toMatchObject({ keyboard: 'user' });
});

it('a user who is asked hands the keyboard to nobody who was not admitted or has left', async () => {
  await setWatching(stack, 'consent');
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await session.showsWatchers('engineer');
  session.client.send({ type: 'keyboard', watcher: 1 });
  session.client.send({ type: 'keyboard', watcher: 77 });
  watcher.client.type('early\r');
  session.client.send({ type: 'watch-answer', id: 1, allow: true });
  await watcher.hasScreen();
  expect(watcher.state).toMatchObject({ keyboard: 'user' });
  watcher.client.disconnect();
  await session.showsWatchers();
  session.client.send({ type: 'keyboard', watcher: 1 });
  session.client.type('pwd\r');
  await waitUntil('the input', () => typed.includes('pwd'));
  expect(session.shown).toEqual({ type: 'watchers', watchers: [], keyboard: null });
  expect(typed).not.toContain('early');
});

it('screens that were not requested, are too large or impossible go to nobody', async () => {
  const session = await watchedSession();
  const { client } = session;
  const impossible = [
    { output: 2 ** 40 },
    { data: 'x'.repeat(100_001) },
    { data: 5 as never },
    { cols: 0 },
    { rows: 5_000 },
    { id: 2 ** 40 },
    { output: -1 },
  ];
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  const [known] = watcher.screens;
  for (const change of impossible) {
    const screen = { type: 'screen', id: known!.id, output: 7, cols: 80, rows: 24 } as const;
    client.send({ ...screen, data: 'false', ...change });
  }
  session.screen = id => impossible[id % impossible.length];
  const second = await watcherOf(session, 'admin');
  await waitUntil('two false screens', () => session.screensAsked >= 3, 20_000);
  session.screen = () => ({});
  await waitUntil('a true screen', () => second.screens.length > 0, 20_000);
  expect(watcher.screens).toEqual([known]);
  expect(second.screens.map(({ data }) => data)).toEqual(['SCREEN']);
}, 60_000);

it('up to the limit, and not one more', async () => {
  const session = await watchedSession();
  for (let count = 0; count < 8; count += 1) await watcherOf(session);
  expect(await watch(session.client.id, 'admin')).toBe('429 too-many-requests');
});

it('a ticket to watch opens no session, is used once, and requires remoteaccess.v1', async () => {
  const session = await watchedSession();
  const ticket = async (): Promise<string> => {
    const body = JSON.stringify({ watch: { sessionId: session.client.id } });
    const path = `${stack.clientPath(endpoint.id)}/tickets`;
    const answer = await stack.json<Ticket>(path, { method: 'POST', user: 'engineer', body });
    return `${stack.webSocketUrl(stack.clientPath(endpoint.id))}?ticket=${answer.ticket}`;
  };
  const refused = async (url: string, protocol?: string): Promise<number | undefined> => {
    const socket = protocol === undefined ? new WebSocket(url) : new WebSocket(url, protocol);
    return new Promise(resolve => {
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (_request, { statusCode }) => {
        resolve(statusCode);
        socket.terminate();
      });
    });
  };
  expect(await refused(await ticket(), 'binary')).toBe(400);
  const url = await ticket();
  const watcher = await TerminalClient.open(url);
  opened.push(watcher);
  expect(await refused(url, 'remoteaccess.v1')).toBe(401);
  const list = await stack.json<unknown[]>('/service/remoteaccess/sessions');
  expect(list).toHaveLength(1);
});

/** An RFB 3.8 server without sign-in. */
async function rfbServer(): Promise<TcpTarget & { readonly viewers: { said: Buffer }[] }> {
  const viewers: { said: Buffer }[] = [];
  const init = Buffer.from([0, 64, 0, 48, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0]);
  const answers: [number, Buffer][] = [
    [12, Buffer.from([1, 1])],
    [13, Buffer.alloc(4)],
    [14, Buffer.concat([init, Buffer.alloc(24 - init.length)])],
  ];
  const server = await tcpTarget(socket => {
    const viewer = { said: Buffer.alloc(0) };
    const left = [...answers];
    viewers.push(viewer);
    socket.write('RFB 003.008\n');
    socket.on('data', (data: Buffer) => {
      viewer.said = Buffer.concat([viewer.said, data]);
      while (left[0] && viewer.said.length >= left[0][0]) socket.write(left.shift()![1]);
    });
  });
  return Object.assign(server, { viewers });
}

describe('a desktop', () => {
  let server: Awaited<ReturnType<typeof rfbServer>>;
  afterEach(() => server.stop());

  it('is watched through a session without input, which ends with the first one', async () => {
    await setWatching(stack, 'consent');
    server = await rfbServer();
    const body = { hostname: '127.0.0.1', port: server.port, protocol: 'VNC' } as const;
    const panel = await stack.addEndpoint({ ...body, name: 'Panel', credentialsType: 'NONE' });
    const user = await stack.connectTerminal(panel.id);
    opened.push(user);
    user.send({ type: 'watchable' });
    const shown = new VncViewer(new Received(user.socket));
    await shown.offeredTypes();
    await shown.open();
    const [{ id }] = await stack.json<[{ id: string }]>('/service/remoteaccess/sessions');
    const watcher = await watch(id, 'engineer', panel.id);
    if (typeof watcher === 'string') throw new Error(watcher);
    await watcher.shows({ state: 'asking' });
    expect(server.viewers).toHaveLength(1);
    user.send({ type: 'watch-answer', id: 1, allow: true });
    const viewer = new VncViewer(new Received(watcher.client.socket));
    await viewer.offeredTypes();
    await viewer.open(false);
    const [, watching] = server.viewers;
    const isShared = (): boolean => watching!.said[13] === 1;
    expect(isShared()).toBe(true);
    const key = Buffer.of(4, 1, 0, 0, 0, 0, 0, 0x66);
    const request = Buffer.of(3, 0, 0, 0, 0, 0, 0, 64, 0, 48);
    viewer.say(Buffer.concat([key, request]));
    await waitUntil('the request', () => watching!.said.includes(request));
    expect(watching!.said.includes(key)).toBe(false);
    user.send({ type: 'keyboard', watcher: 1 });
    user.disconnect();
    await endsWith(watcher.client, 'session-not-found');
  });

  it('is shown to nobody whom its user declines', async () => {
    await setWatching(stack, 'consent');
    server = await rfbServer();
    const body = { hostname: '127.0.0.1', port: server.port, protocol: 'VNC' } as const;
    const panel = await stack.addEndpoint({ ...body, name: 'Panel', credentialsType: 'NONE' });
    const user = await stack.connectTerminal(panel.id);
    opened.push(user);
    user.send({ type: 'watchable' });
    const shown = new VncViewer(new Received(user.socket));
    await shown.offeredTypes();
    await shown.open();
    const [{ id }] = await stack.json<[{ id: string }]>('/service/remoteaccess/sessions');
    const watcher = await watch(id, 'engineer', panel.id);
    if (typeof watcher === 'string') throw new Error(watcher);
    await watcher.shows({ state: 'asking' });
    user.send({ type: 'watch-answer', id: 1, allow: false });
    await endsWith(watcher.client, 'watch-declined');
    expect(server.viewers).toHaveLength(1);
    user.disconnect();
    await user.closed();
  });
});
