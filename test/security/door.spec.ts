import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Emulator } from '@remote-access/emulator';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { basic, Stack } from '../fixtures/stack';
import { RawDevice, Received } from '../fixtures/raw-device';
import { rawUpgrade, type RawHeaders } from '../fixtures/raw-upgrade';

// Which requests are admitted, at which addresses, and in which form.
let stack: Stack;
let device: RawDevice;
let endpointId: string;
let path: string;
const Authorization = basic('operator');

/** A hundred operations are ended, which takes a second, or longer on a busy machine. */
const ALL_GONE_WITHIN_MS = 60_000;

beforeAll(async () => {
  const prepare = ({ store }: Emulator): void => {
    const [category, key] = ['remoteaccess', 'remoteaccess.device.malformed-key'];
    store.tenant('t1001')!.options.put({ id: `${category}/${key}`, category, key, value: 'true' });
  };
  stack = await Stack.start({ agent: false, prepare });
  device = new RawDevice(stack);
  const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
  endpointId = (await stack.addEndpoint(body, '1002')).id;
  path = `/client/1002/configurations/${endpointId}`;
});
afterAll(() => stack.stop());

afterEach(() =>
  waitUntil('no operation waits', async () => {
    return (await device.operations('&status=PENDING')).length === 0;
  }),
);

/** Bypasses the platform's ingress, so that any refusal comes from the microservice. */
async function ask(
  to: string,
  headers: RawHeaders = { Authorization },
  method?: string,
): Promise<{ status: number; error: string | undefined }> {
  const answer = await rawUpgrade(stack.microservice.url, to, headers, method);
  answer.socket.destroy();
  const error = answer.body.startsWith('{')
    ? (JSON.parse(answer.body) as { error: string }).error
    : undefined;
  return { status: answer.status, error };
}

describe('a request for a client WebSocket', () => {
  it.each([
    ['without credentials', {}, 401, 'remoteaccess/unauthenticated'],
    [
      'with a wrong password',
      { Authorization: basic('operator', 'no') },
      401,
      'remoteaccess/unauthenticated',
    ],
    [
      'from an unknown user',
      { Authorization: basic('nobody') },
      401,
      'remoteaccess/unauthenticated',
    ],
    [
      'from a user without a role',
      { Authorization: basic('viewer') },
      403,
      'remoteaccess/forbidden',
    ],
    [
      'from another tenant',
      { Authorization: basic('t1002/admin') },
      404,
      'remoteaccess/device-not-found',
    ],
    ['from a device', { Authorization: basic('device_gw-2') }, 403, 'remoteaccess/forbidden'],
  ])('%s is refused', async (_name, headers, status, error) => {
    expect(await ask(path, headers)).toEqual({ status, error });
  });

  it.each([
    [
      'for an unknown endpoint',
      '/client/1002/configurations/99',
      'remoteaccess/endpoint-not-found',
    ],
    ['for an unknown device', '/client/9999/configurations/1', 'remoteaccess/device-not-found'],
  ])('%s gets 404', async (_name, to, error) => {
    expect(await ask(to)).toEqual({ status: 404, error });
  });
});

describe('an address', () => {
  it.each([
    ['a trailing slash', (to: string) => `${to}/`],
    ['capital letters', (to: string) => to.replace('client', 'Client')],
    ['an escaped slash', (to: string) => to.replace('/configurations', '%2fconfigurations')],
    ['an escaped letter', (to: string) => to.replace('client', '%63lient')],
    ['two slashes', (to: string) => to.replace('/configurations', '//configurations')],
    ['dot segments', (to: string) => to.replace('/client', '/x/../client')],
    ['a path parameter', (to: string) => to.replace('/configurations', ';a=b/configurations')],
    ['a fragment', (to: string) => `${to}#x`],
    ['a host prepended', (to: string) => `http://evil.example${to}`],
    ['a longer path', (to: string) => `${to}/tickets`],
  ])('with %s leads nowhere', async (_name, spell) => {
    expect(await ask(spell(path))).toEqual({ status: 404, error: 'remoteaccess/not-found' });
  });

  it('of a WebSocket accepts nothing but upgrades', async () => {
    for (const to of [path, '/device/00000000-0000-4000-8000-000000000000']) {
      const response = await fetch(`${stack.microservice.url}${to}`);
      expect(response.status).toBe(405);
      expect(await response.json()).toMatchObject({ error: 'remoteaccess/method-not-allowed' });
    }
    expect(await ask(path, { Authorization }, 'POST')).toMatchObject({ status: 405 });
  });
});

describe('a handshake', () => {
  it.each([
    ['no key', { 'Sec-WebSocket-Key': undefined }],
    ['a key of 25 characters', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==x' }],
    ['version 12', { 'Sec-WebSocket-Version': '12' }],
    ['a different upgrade protocol', { Upgrade: 'h2c' }],
    ['malformed subprotocols', { 'Sec-WebSocket-Protocol': 'binary,,' }],
  ])('with %s is rejected as malformed', async (_name, headers) => {
    const answer = await ask(path, { Authorization, ...headers });
    expect(answer).toEqual({ status: 400, error: 'remoteaccess/malformed-request' });
  });

  it.each([
    ['remoteaccess.v1 as well as binary', 'binary, remoteaccess.v1', 'remoteaccess.v1'],
    ['binary', 'binary', 'binary'],
    ['an unknown subprotocol', 'soap', undefined],
    ['no subprotocol', undefined, undefined],
  ])('that offers %s gets only a subprotocol that it offered', async (_name, offered, chosen) => {
    const answer = await rawUpgrade(stack.microservice.url, path, {
      Authorization,
      'Sec-WebSocket-Protocol': offered,
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
    });
    answer.socket.destroy();
    expect(answer.status).toBe(101);
    expect(answer.headers.get('sec-websocket-protocol')).toBe(chosen);
    expect(answer.headers.get('sec-websocket-extensions')).toBeUndefined();
  });

  it('that is refused is answered with the error body and is not cacheable', async () => {
    const answer = await rawUpgrade(stack.microservice.url, path);
    answer.socket.destroy();
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(answer.body)).toEqual({
      error: 'remoteaccess/unauthenticated',
      message: expect.any(String) as string,
      info: expect.any(String) as string,
    });
  });
});

it('if the tenant accepts it, a device with a fixed 25-character key is served and gets the accept value it expects', async () => {
  const client = new WebSocket(stack.microservice.url.replace('http', 'ws') + path, {
    headers: { Authorization },
  });
  const got = new Received(client);
  await once(client, 'open');
  const operation = await device.pending();
  await device.report(operation.id, 'EXECUTING');
  const key = 'c29tZSBmaXhlZCB0ZXh0IG9rx';
  expect(key).toHaveLength(25);
  const answer = await rawUpgrade(
    stack.microservice.url,
    `/device/${operation.c8y_RemoteAccessConnect!.connectionKey}`,
    { Authorization: basic('device_gw-2'), 'Sec-WebSocket-Key': key },
  );
  expect(answer.status).toBe(101);
  const expected = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  expect(answer.headers.get('sec-websocket-accept')).toBe(expected.digest('base64'));

  // A masked binary frame "ok", with a mask of zeros.
  answer.socket.write(Buffer.from([0x82, 0x82, 0, 0, 0, 0, 0x6f, 0x6b]));
  expect((await got.has(2)).toString()).toBe('ok');
  answer.socket.destroy();
  await got.closed();
});

/** A handshake that would be accepted, in a connection of which the test keeps control. */
async function sendHandshake(after = Buffer.alloc(0)): Promise<Socket> {
  const { hostname, port } = new URL(stack.microservice.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const head = [
    `GET ${path} HTTP/1.1`,
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Authorization: ${Authorization}`,
  ].join('\r\n');
  socket.write(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), after]));
  return socket;
}

it('bytes sent together with the handshake are not lost', async () => {
  const frame = Buffer.from([0x82, 0x85, 0, 0, 0, 0, ...Buffer.from('early')]);
  const socket = await sendHandshake(frame);
  const { received } = await device.serve();
  expect((await received.has(5)).toString()).toBe('early');
  socket.destroy();
});

it('failed sign-ins for a user name are throttled, but not users who have signed in before', async () => {
  const right = { Authorization: basic('engineer') };
  expect(await ask(path, right)).toMatchObject({ status: 101 });
  const wrong = { Authorization: basic('engineer', 'wrong') };
  const statuses: number[] = [];
  for (let count = 0; count < 11; count += 1) statuses.push((await ask(path, wrong)).status);
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
  expect(await ask(path, right)).toMatchObject({ status: 101 });
});

describe('hostile frames', () => {
  async function sessionEnds(): Promise<string[]> {
    const { auditRecords } = await stack.json<{
      auditRecords: { activity: string; text: string }[];
    }>('/audit/auditRecords?pageSize=1000', { user: 'admin' });
    return auditRecords
      .filter(({ activity }) => activity === 'Remote access session ended')
      .map(({ text }) => text);
  }

  async function openClient(): Promise<{ socket: WebSocket; got: Received }> {
    const socket = new WebSocket(stack.microservice.url.replace('http', 'ws') + path, {
      headers: { Authorization },
    });
    socket.on('error', () => undefined);
    const got = new Received(socket);
    await once(socket, 'open');
    return { socket, got };
  }

  it('a message over 1 MiB ends the connection with that reason', async () => {
    const { socket, got } = await openClient();
    await device.serve();
    socket.send(Buffer.alloc(1024 * 1024 + 1));
    expect(await got.closed()).toMatchObject({
      code: 1009,
      reason: 'Send at most 1 MiB (1,048,576 bytes) in one message.',
    });
    await waitUntil('the audit log has the reason', async () =>
      (await sessionEnds()).some(
        text =>
          text.includes('ended by client after') &&
          text.includes(
            '(payload-too-large: Send at most 1 MiB (1,048,576 bytes) in one message.)',
          ),
      ),
    );
  });

  it('a hundred thousand empty fragments end the connection', async () => {
    const { socket, got } = await openClient();
    for (let count = 0; count < 100_000; count += 1) {
      socket.send(Buffer.alloc(0), { binary: true, fin: false });
    }
    expect((await got.closed()).code).toBe(1008);
    await waitUntil('the audit log has the reason', async () =>
      (await sessionEnds()).some(text => text.includes('(malformed-request: ')),
    );
  });

  it('a flood of pings with unread pongs does not exhaust memory', async () => {
    const answer = await rawUpgrade(stack.microservice.url, path, { Authorization });
    const ended = once(answer.socket, 'close').catch(() => undefined);
    answer.socket.pause();
    const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)]);
    const burst = Buffer.concat(Array<Buffer>(500).fill(ping));
    global.gc?.();
    const before = process.memoryUsage().rss;
    for (let count = 0; count < 500; count += 1) {
      if (answer.socket.destroyed) break;
      if (!answer.socket.write(burst)) {
        await Promise.race([once(answer.socket, 'drain'), ended]).catch(() => undefined);
      }
    }
    // The pongs are 33 MB; masks and headers add about as much again.
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    answer.socket.destroy();
  });
});

it('callers that disconnect during their handshake leave neither a session nor an operation', async () => {
  // More than the door handles at the same time, and than a user may have sessions.
  for (let count = 0; count < 300; count += 1) (await sendHandshake()).destroy();
  await waitUntil(
    'room for a handshake',
    async () => (await ask(path)).status === 101,
    ALL_GONE_WITHIN_MS,
  );
  await waitUntil(
    'no operation waits',
    async () => (await device.operations('&status=PENDING')).length === 0,
    ALL_GONE_WITHIN_MS,
  );
  const sessions = `/service/remoteaccess/devices/1002/sessions`;
  await waitUntil('no session runs', async () => {
    return (await stack.json<object[]>(sessions)).length === 0;
  });
}, 150_000);
