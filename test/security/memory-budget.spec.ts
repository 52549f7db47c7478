import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CLOSE_CODES, type Endpoint } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { WebSocketDuplex } from '@remote-access/streams';
import { waitUntil } from '@remote-access/testkit';
import type { WebSocket } from 'ws';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { basic, Stack } from '../fixtures/stack';

const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

/** Leaves 8 MB for buffers: 4 MB for a tenant, 2 MB for a user. */
const MEMORY_LIMIT = '16M';
const USER_BYTES = 2_000_000;
const SESSION_BYTES = 256 * 1024;

let stack: Stack;
let endpoint: Endpoint;
let sides: WebSocketDuplex[];
const open: Socket[] = [];
beforeEach(async () => {
  sides = [];
  const watch = WebSocketDuplex.prototype.watchHeldBytes;
  jest.spyOn(WebSocketDuplex.prototype, 'watchHeldBytes').mockImplementation(function (
    this: WebSocketDuplex,
    listener,
  ) {
    sides.push(this);
    watch.call(this, listener);
  });
  // No gateway answers: sessions that wait for one are limited as well.
  stack = await Stack.start({ agent: false, env: { MEMORY_LIMIT } });
  endpoint = await stack.addEndpoint(BODY, DEVICE);
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const socket of open.splice(0)) socket.destroy();
  await stack.stop();
}, 15_000);

const connectAs = (user: string): Promise<WebSocket> => stack.connectRaw(endpoint.id, user, DEVICE);

async function refusalOf(user: string): Promise<{ status: number; body: string }> {
  const path = stack.clientPath(endpoint.id, DEVICE);
  const headers = { Authorization: basic(user) };
  const { status, body, socket } = await rawUpgrade(stack.emulator.url, path, headers);
  socket.destroy();
  return { status, body };
}

it('a session that finds no memory is refused, and the limit is named', async () => {
  const sessions: WebSocket[] = [];
  for (let count = 0; count < Math.floor(USER_BYTES / SESSION_BYTES); count += 1) {
    sessions.push(await connectAs('operator'));
  }
  const { status, body } = await refusalOf('operator');
  expect(status).toBe(429);
  expect(JSON.parse(body)).toMatchObject({
    error: 'remoteaccess/too-many-requests',
    message: 'The memory of a user is in use: its limit is 2 MiB. Try again later.',
  });
  await connectAs('engineer');
  sessions[0]!.terminate();
  await waitUntil('there is room', async () => (await refusalOf('operator')).status === 101);
});

/** Sessions of one user without a gateway, which receive more than that user may buffer. */
async function overfill(message: string | Buffer): Promise<WebSocket[]> {
  const sessions: WebSocket[] = [];
  for (let count = 0; count < 3; count += 1) sessions.push(await connectAs('operator'));
  for (const session of sessions) session.send(message, { fin: false });
  const ofUser = [...sides];
  await waitUntil('there is no memory left', () => ofUser.some(({ socket }) => socket.isPaused));
  // Every session either continues or waits.
  await waitUntil('everything stands', () =>
    ofUser.every(({ socket, heldBytes }) => socket.isPaused || heldBytes > 900_000),
  );
  expect(ofUser.reduce((sum, side) => sum + side.heldBytes, 0)).toBeLessThan(USER_BYTES);

  const other = await connectAs('engineer');
  other.send(Buffer.alloc(900_000));
  await waitUntil('the message of another user is read', () => sides.at(-1)!.bytesIn === 900_000);
  return sessions;
}

it("unread bytes of a user take no more than the user's share; others continue", async () => {
  await overfill(Buffer.alloc(900_000));
});

it("incomplete texts of a user take no more than the user's share, and each is completed", async () => {
  const sessions = await overfill('t'.repeat(900_000));
  // Raw sessions accept no texts: each ends when its text is complete, and makes room for the
  // others.
  const ends = sessions.map(session => once(session, 'close') as Promise<[number]>);
  for (const session of sessions) session.send('t');
  for (const end of ends) expect((await end)[0]).toBe(CLOSE_CODES.unsupportedData);
});

it('bodies that are being read also count', async () => {
  const { hostname, port } = new URL(stack.microservice.url);
  const send = (user: string): Socket => {
    const socket = connect(Number(port), hostname);
    open.push(socket);
    const head = [
      `POST /devices/${DEVICE}/configurations HTTP/1.1`,
      'Host: localhost',
      `Authorization: ${basic(user)}`,
      'Content-Type: application/json',
      'Expect: 100-continue',
      'Content-Length: 300000',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    return socket;
  };
  const answerTo = async (socket: Socket): Promise<string> =>
    String((await once(socket, 'data'))[0]);
  const first = send('engineer');
  expect(await answerTo(first)).toMatch(/^HTTP\/1\.1 100 /);
  expect(await answerTo(send('engineer'))).toMatch(/^HTTP\/1\.1 429 /);
  expect(await answerTo(send('admin'))).toMatch(/^HTTP\/1\.1 100 /);
  first.destroy();
  await waitUntil('there is room', async () =>
    (await answerTo(send('engineer'))).includes(' 100 '),
  );
});

it('rows of an export count until they are sent', async () => {
  // Users with write access to the inventory determine how large they are. A response of less than
  // 64 KiB is not counted itself.
  const entry = { ...BODY, id: '1', name: 'n'.repeat(55_000), credentials: { type: 'NONE' } };
  const gateways = await Promise.all(
    Array.from({ length: 12 }, async (_, at) => {
      const body = { name: `Large ${at}`, c8y_IsDevice: {}, [FRAGMENTS.list]: [entry] };
      const text = JSON.stringify(body);
      const path = '/inventory/managedObjects';
      const init = { method: 'POST', body: text, user: 'admin' };
      return (await stack.json<ManagedObject>(path, init)).id;
    }),
  );
  const exportOf = async (ids: readonly string[]) => {
    const path = `/service/remoteaccess/configurations/export?deviceIds=${ids.join(',')}`;
    const answer = await stack.fetch(path);
    return { status: answer.status, text: await answer.text() };
  };
  const few = gateways.slice(0, 4);
  expect(await exportOf(gateways)).toMatchObject({
    status: 429,
    text: expect.stringContaining('The memory of a user is in use: its limit is 2 MiB'),
  });
  // Nothing stays counted, neither what was refused nor what was sent.
  for (let count = 0; count < 5; count += 1) {
    expect((await exportOf(few)).text.length).toBeGreaterThan(4 * 55_000);
  }
});
