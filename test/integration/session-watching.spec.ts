import type { Endpoint } from '@remote-access/contracts';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { Stack } from '../fixtures/stack';
import { setWatching, WatchedSession, WatcherClient } from '../fixtures/watched-session';

/** WILL ECHO, WILL SUPPRESS-GO-AHEAD: input is sent as it is typed rather than line by line. */
const CHARACTER_MODE = Buffer.from([255, 251, 1, 255, 251, 3]);

let stack: Stack;
let target: TcpTarget;
let endpoint: Endpoint;
let typed: string;
let say: (text: string | Buffer) => void;
let sessions: WatchedSession[];
let watchers: WatcherClient[];

beforeEach(async () => {
  [typed, sessions, watchers] = ['', [], []];
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
  for (const { client } of sessions) client.socket.terminate();
  for (const { client } of watchers) client.socket.terminate();
  await stack.stop();
  await target.stop();
}, 15_000);

async function watchedSession(): Promise<WatchedSession> {
  const session = await WatchedSession.open(stack, endpoint.id);
  sessions.push(session);
  await session.client.reads('WELCOME');
  return session;
}

async function watcherOf({ client }: WatchedSession, user?: string): Promise<WatcherClient> {
  const watcher = await WatcherClient.open(stack, endpoint.id, client.id, user);
  if (typeof watcher === 'string') throw new Error(watcher);
  watchers.push(watcher);
  return watcher;
}

async function characterMode(): Promise<void> {
  say(CHARACTER_MODE);
  await waitUntil('DO ECHO', () => typed.includes('\xff\xfd\x01'));
}

async function audited(text: string): Promise<void> {
  await waitUntil(`an audit record with ${text}`, async () => {
    const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(
      '/audit/auditRecords?pageSize=200',
      { user: 'admin' },
    );
    return auditRecords.some(record => record.text.includes(text));
  });
}

it("shows the user's screen at once, and what follows", async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  expect(watcher.screens[0]).toMatchObject({ data: 'SCREEN', cols: 80, rows: 24, output: 7 });
  await session.showsWatchers('engineer');
  expect(session.watchers).toEqual([{ id: 1, user: 'engineer', asks: false }]);
  say('more');
  await watcher.client.reads('more');
  expect(watcher.client.text).toBe('more');
  session.client.send({ type: 'resize', cols: 132, rows: 50 });
  expect(await watcher.client.message('size')).toEqual({ type: 'size', cols: 132, rows: 50 });
  await audited('"engineer" watches; session of "operator" on endpoint "Controller"');
  watcher.client.disconnect();
  await session.showsWatchers();
  await audited('"engineer" no longer watches');
});

it('hands the keyboard over and takes it back, and both see who types', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  const other = await watcherOf(session, 'admin');
  await other.hasScreen();
  const [first] = session.watchers;
  session.client.send({ type: 'keyboard', watcher: first!.id });
  await watcher.shows({ keyboard: 'you' });
  await other.shows({ keyboard: 'other', typist: 'engineer' });
  expect(session.shown).toMatchObject({ keyboard: first!.id });
  watcher.client.type('ls\r');
  await waitUntil('the input', () => typed.includes('ls\r'));
  session.client.send({ type: 'keyboard', watcher: null });
  await watcher.shows({ keyboard: 'user' });
  watcher.client.type('rm\r');
  session.client.type('pwd\r');
  await waitUntil('the input', () => typed.includes('pwd\r'));
  expect(typed).not.toContain('rm');
  await audited('"operator" handed the keyboard to "engineer"');
  await audited('"operator" took the keyboard back');
});

it('holds back what the user types meanwhile, but not what the terminal replies (security)', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  await characterMode();
  session.client.send({ type: 'keyboard', watcher: 1 });
  await watcher.shows({ keyboard: 'you' });
  session.client.type('reboot\r');
  session.client.type('\x1b[24;80R');
  await waitUntil('the reply', () => typed.includes('\x1b[24;80R'));
  watcher.client.type('ls\r');
  await waitUntil('the input', () => typed.includes('ls\r'));
  session.client.send({ type: 'keyboard', watcher: null });
  await watcher.shows({ keyboard: 'user' });
  session.client.type('pwd\r');
  await waitUntil('the input', () => typed.includes('pwd\r'));
  expect(typed).not.toContain('reboot');
});

it('counts what it holds back, so that a resume sends nothing of it again', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  await characterMode();
  session.client.send({ type: 'keyboard', watcher: 1 });
  await watcher.shows({ keyboard: 'you' });
  session.client.type('reboot\r\x1b[24;80R');
  await waitUntil('the reply', () => typed.includes('\x1b[24;80R'));
  await session.client.cut();
  await watcher.shows({ state: 'away', keyboard: 'user' });
  const { input } = await session.client.resume();
  expect(input).toBe('reboot\r\x1b[24;80R'.length);
  session.client.type('pwd\r');
  await waitUntil('the input', () => typed.includes('pwd\r'));
  expect(typed).not.toContain('reboot');
});

it('asks the user first, if the tenant requires it', async () => {
  await setWatching(stack, 'consent');
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.shows({ state: 'asking' });
  await session.showsWatchers('engineer');
  expect(session.watchers).toEqual([{ id: 1, user: 'engineer', asks: true }]);
  say('secret');
  await session.client.reads('secret');
  expect([watcher.screens, watcher.client.text]).toEqual([[], '']);
  session.client.send({ type: 'watch-answer', id: 1, allow: true });
  await watcher.hasScreen();
  session.client.send({ type: 'watch-answer', id: 1, allow: false });
  expect(await watcher.client.message('ended')).toMatchObject({ code: 'watch-declined' });
  const second = await watcherOf(session, 'admin');
  await session.showsWatchers('admin');
  session.client.send({ type: 'watch-answer', id: 2, allow: false });
  expect(await second.client.message('ended')).toMatchObject({ code: 'watch-declined' });
  expect(second.screens).toEqual([]);
});

it('continues when the user comes back, who sees the watchers again', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  session.client.send({ type: 'keyboard', watcher: 1 });
  await watcher.shows({ keyboard: 'you' });
  await session.client.cut();
  await watcher.shows({ state: 'away', keyboard: 'user' });
  watcher.client.type('unseen');
  say('meanwhile');
  await watcher.client.reads('meanwhile');
  await session.client.resume();
  await watcher.shows({ state: 'watching' });
  expect(session.shown).toMatchObject({ watchers: [{ user: 'engineer' }], keyboard: null });
  session.client.type('seen\r');
  await waitUntil('the input', () => typed.includes('seen'));
  expect(typed).not.toContain('unseen');
});

it('tells the watcher how the session ended, after its last output', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  say('goodbye');
  await watcher.client.reads('goodbye');
  session.client.disconnect();
  expect(await watcher.client.message('ended')).toMatchObject({ by: 'client', code: 'normal' });
  await watcher.client.closed();
});

it('gives a slow watcher a new screen instead of the backlog', async () => {
  const session = await watchedSession();
  const watcher = await watcherOf(session);
  await watcher.hasScreen();
  watcher.client.socket.pause();
  const flood = Buffer.alloc(16 * 1024 * 1024, 'x');
  say(flood);
  await waitUntil('the user has it all', () => session.client.received === 7 + flood.length);
  watcher.client.socket.resume();
  await waitUntil('the latest screen', () => watcher.screens.at(-1)?.output === 7 + flood.length);
  expect(watcher.client.output.length).toBeLessThan(flood.length / 2);
  say('after');
  await watcher.client.reads('after');
});
