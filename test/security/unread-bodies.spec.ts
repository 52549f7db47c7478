import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { basic, Stack } from '../fixtures/stack';

const MIB = 1024 * 1024;
const REQUESTS = 50;
const CONFIGURATIONS = '/devices/1001/configurations';

let stack: Stack;
const open: Socket[] = [];
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await stack.stop();
});

interface Sender {
  readonly socket: Socket;
  /** Everything that was received, once the service has closed the connection. */
  readonly answer: Promise<string>;
}

/** Sends part of a body of 1 MiB and never the rest. */
function sendUnfinished(base: string, path: string, headers: Record<string, string>): Sender {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  open.push(socket);
  let text = '';
  socket.on('data', chunk => (text += chunk.toString('latin1')));
  // A reset after the response counts as an end.
  socket.on('error', () => undefined);
  const answer = once(socket, 'close').then(() => text);
  const head = {
    Host: 'localhost',
    'Content-Type': 'application/json',
    'Content-Length': String(MIB),
    ...headers,
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  socket.write([`POST ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  socket.write(Buffer.alloc(MIB / 2, ' '));
  return { socket, answer };
}

const WRONG = 'Basic bm9ib2R5OndyaXRlcw==';

describe.each([
  ['without credentials', {}, [401]],
  ['with wrong credentials', { Authorization: WRONG }, [401, 429]],
  ['without the permission', { Authorization: basic('operator') }, [403]],
] as const)('an unfinished body %s', (_who, headers, statuses) => {
  it('is refused and its connection closed, however many there are', async () => {
    const senders = Array.from({ length: REQUESTS }, () =>
      sendUnfinished(stack.microservice.url, CONFIGURATIONS, headers),
    );
    for (const answer of await Promise.all(senders.map(sender => sender.answer))) {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(statuses).toContain(Number(head.split(' ')[1]));
      expect(head).toMatch(/^Connection: close$/m);
      expect(JSON.parse(body)).toMatchObject({
        error: expect.stringMatching(/^remoteaccess\/(unauthenticated|forbidden|too-many)/),
      });
    }
  });

  it("is refused through the platform's ingress too", async () => {
    const path = `/service/remoteaccess${CONFIGURATIONS}`;
    const { answer } = sendUnfinished(stack.emulator.url, path, headers);
    expect(statuses).toContain(Number((await answer).split(' ')[1]));
  });
});

it.each([
  ['an unknown address', '/nothing', 404],
  ['a device that does not exist', '/devices/999999/configurations', 404],
])('an unfinished body to %s is not awaited', async (_where, path, status) => {
  const headers = { Authorization: basic('engineer') };
  const { answer } = sendUnfinished(stack.microservice.url, path, headers);
  expect(Number((await answer).split(' ')[1])).toBe(status);
});

it('a caller without permission is not asked to send the body', async () => {
  const headers = { Expect: '100-continue', Authorization: basic('operator') };
  const { answer } = sendUnfinished(stack.microservice.url, CONFIGURATIONS, headers);
  expect(await answer).toMatch(/^HTTP\/1\.1 403 /);
});

it('a caller with permission is asked to send it', async () => {
  const headers = { Expect: '100-continue', Authorization: basic('engineer') };
  const { socket } = sendUnfinished(stack.microservice.url, CONFIGURATIONS, headers);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect(chunk.toString()).toMatch(/^HTTP\/1\.1 100 Continue/);
});

it('a body that arrives byte by byte in chunks is read and stored', async () => {
  const body = JSON.stringify({ name: 'T', hostname: 'h', port: 502, protocol: 'PASSTHROUGH' });
  const { hostname, port } = new URL(stack.microservice.url);
  const socket = connect(Number(port), hostname);
  open.push(socket);
  const head = [
    `POST ${CONFIGURATIONS} HTTP/1.1`,
    'Host: localhost',
    `Authorization: ${basic('engineer')}`,
    'Content-Type: application/json; charset=utf-8',
    'Transfer-Encoding: chunked',
  ];
  const chunks = [...Buffer.from(body)].map(byte => `1\r\n${String.fromCharCode(byte)}\r\n`);
  socket.write(`${head.join('\r\n')}\r\n\r\n${chunks.join('')}0\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 201 /);
  const object = await stack.json<Record<string, unknown[]>>('/inventory/managedObjects/1001');
  expect(object[FRAGMENTS.list]).toContainEqual(expect.objectContaining({ name: 'T' }));
});
