import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { FramedConnection } from './framed-connection';
import { nextEvent } from './next-event.fixture';
import { frameHeader, OPCODES } from './frame';
import { offeredSubprotocols, switchingProtocols } from './client-handshake';

let server: Server;
let client: WebSocket;
let connection: FramedConnection;
let transport: Duplex;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upgrade = once(server, 'upgrade') as Promise<[IncomingMessage, Duplex, Buffer]>;
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new WebSocket(address, 'binary', { perMessageDeflate: false });
  const [{ headers }, socket, head] = await upgrade;
  transport = socket;
  socket.write(switchingProtocols(headers['sec-websocket-key']!, 'binary'));
  connection = new FramedConnection(socket, {
    role: 'server',
    protocol: 'binary',
    head,
    maxMessageBytes: 1_000_000,
    closeReason: code => `refused with ${code}`,
  });
  await once(client, 'open');
});
afterEach(async () => {
  client.terminate();
  connection.terminate();
  await new Promise(resolve => server.close(resolve));
});

/** What the client has received once `bytes` have arrived. */
function receivedByClient(bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise(resolve => {
    client.on('message', (data: Buffer) => {
      chunks.push(data);
      length += data.length;
      if (length >= bytes) resolve(Buffer.concat(chunks));
    });
  });
}

it('carries bytes and texts of every length in both directions', async () => {
  const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000];
  const sent = sizes.map(size => randomBytes(size));
  const got: Buffer[] = [];
  const texts: string[] = [];
  connection.on('message', (data, isBinary) => {
    if (isBinary) got.push(data);
    else texts.push(data.toString());
  });
  for (const bytes of sent) client.send(bytes);
  client.send('grüezi');
  client.send('end');
  while (!texts.includes('end')) await nextEvent(connection, 'read');
  expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
  expect(texts).toEqual(['grüezi', 'end']);

  const all = Buffer.concat(sent);
  const back = receivedByClient(all.length);
  for (const bytes of sent) connection.send(bytes);
  expect((await back).equals(all)).toBe(true);
});

it('answers a ping with its payload, and reports it', async () => {
  const pinged = nextEvent(connection, 'ping');
  client.ping('are you there');
  const [payload] = (await once(client, 'pong')) as [Buffer];
  expect(payload.toString()).toBe('are you there');
  await pinged;
});

it('pings with no payload', async () => {
  const ping = once(client, 'ping') as Promise<[Buffer]>;
  const pong = nextEvent(connection, 'pong');
  connection.ping();
  expect((await ping)[0]).toHaveLength(0);
  await pong;
});

it('answers only the latest ping of a peer that reads nothing', async () => {
  client.pause();
  const filler = Buffer.alloc(256 * 1024);
  while (!transport.writableNeedDrain || transport.writableLength < 2 ** 20)
    connection.send(filler);
  const waiting = transport.writableLength;
  const last = new Promise<void>(resolve => {
    connection.on('ping', payload => {
      if (payload.toString() === '999') resolve();
    });
  });
  for (let count = 0; count < 1_000; count += 1) client.ping(String(count));
  await last;
  expect(transport.writableLength).toBe(waiting);
  const pong = once(client, 'pong') as Promise<[Buffer]>;
  client.resume();
  expect((await pong)[0].toString()).toBe('999');
});

it('reads nothing while it is paused', async () => {
  const got = jest.fn();
  connection.on('message', got);
  connection.pause();
  await new Promise(resolve => client.send('waiting', resolve));
  // On one machine, what was sent has arrived: whoever reads would have it within a few turns.
  for (let turn = 0; turn < 10; turn += 1) await new Promise(resolve => setImmediate(resolve));
  expect([connection.isPaused, got.mock.calls.length]).toEqual([true, 0]);
  const message = nextEvent(connection, 'message');
  connection.resume();
  expect(String((await message)[0])).toBe('waiting');
});

it('closes with a code and a reason, after what was sent', async () => {
  const got = receivedByClient(100_000);
  connection.send(Buffer.alloc(100_000));
  connection.close(4_504, 'gateway offline');
  connection.close(1_000, 'a second time');
  const closed = once(client, 'close');
  expect(await got).toHaveLength(100_000);
  const [code, reason] = (await closed) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([4_504, 'gateway offline']);
  if (connection.readyState !== connection.CLOSED) await nextEvent(connection, 'close');
});

it.each([
  ['with a code', () => client.close(4_001, 'bye'), [4_001, 'bye']],
  ['without one', () => client.close(), [1_005, '']],
  ['without a close frame', () => client.terminate(), [1_006, '']],
])('says how the peer closed: %s', async (_how, close, expected) => {
  const closed = nextEvent(connection, 'close');
  close();
  const [code, reason] = (await closed) as [number, Buffer];
  expect([code, reason.toString()]).toEqual(expected);
});

it('refuses a message that is too long, with the reason', async () => {
  const failed = nextEvent(connection, 'error');
  const closed = once(client, 'close');
  client.send(Buffer.alloc(1_000_001));
  expect((await failed)[0]).toMatchObject({ closeCode: 1_009 });
  const [code, reason] = (await closed) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([1_009, 'refused with 1009']);
});

it('does not send once it is closed', async () => {
  const closed = nextEvent(connection, 'close');
  client.close();
  await closed;
  const error = await new Promise(resolve => connection.send(Buffer.of(1), resolve));
  expect(error).toMatchObject({ message: 'The WebSocket is closed' });
  connection.ping();
  connection.close();
});

it.each([
  { masksInPlace: false, length: 6, isChanged: false },
  { masksInPlace: true, length: 2_000, isChanged: true },
  // Short ones are copied to their header in any case.
  { masksInPlace: true, length: 6, isChanged: false },
])('masks what a client sends: %j', async ({ masksInPlace, length, isChanged }) => {
  // The same transport, seen from the other end: what arrives must be masked.
  const [near, far] = pair();
  const sender = new FramedConnection(near, {
    role: 'client',
    protocol: '',
    maxMessageBytes: 1_000,
    masksInPlace,
  });
  const chunks: Buffer[] = [];
  far.on('data', (chunk: Buffer) => chunks.push(chunk));
  const secret = randomBytes(length);
  const sent = Buffer.from(secret);
  sender.send(sent);
  expect(sent.equals(secret)).toBe(!isChanged);
  await new Promise(setImmediate);
  const bytes = Buffer.concat(chunks);
  const begin = bytes.length - length;
  expect(begin).toBe(length < 126 ? 2 + 4 : 4 + 4);
  expect(bytes[1]! & 0x80).toBe(0x80);
  const unmasked = bytes
    .subarray(begin)
    .map((byte, index) => byte ^ bytes[begin - 4 + (index & 3)]!);
  expect(secret.equals(unmasked)).toBe(true);
  const message = nextEvent(sender, 'message');
  far.write(Buffer.concat([frameHeader(OPCODES.binary, 2), Buffer.from('ok')]));
  expect(String((await message)[0])).toBe('ok');
  sender.terminate();
});

it.each([false, true])('sends pieces of any length as one message; in place: %s', async inPlace => {
  const [near, far] = pair();
  const options = { protocol: '', maxMessageBytes: 1_000_000, masksInPlace: inPlace };
  const sender = new FramedConnection(near, { ...options, role: 'client' });
  const receiver = new FramedConnection(far, { ...options, role: 'server' });
  const got: Buffer[] = [];
  receiver.on('message', data => got.push(data));
  const pieces = [1, 12, 3, 70_000, 2, 0, 16_384].map(size => randomBytes(size));
  const sent = Buffer.concat(pieces);
  sender.sendPieces(pieces);
  while (Buffer.concat(got).length < sent.length) await nextEvent(receiver, 'read');
  expect([Buffer.concat(got).equals(sent), receiver.framesIn]).toEqual([true, 1]);
  sender.terminate();
});

function pair(): [Duplex, Duplex] {
  const ends: Duplex[] = [0, 1].map(
    index =>
      new Duplex({
        read: () => undefined,
        write(chunk: Buffer, _encoding, done) {
          ends[1 - index]!.push(chunk);
          done();
        },
      }),
  );
  return [ends[0]!, ends[1]!];
}

describe('offered subprotocols', () => {
  it.each([
    [undefined, []],
    ['binary', ['binary']],
    ['binary, remoteaccess.v1', ['binary', 'remoteaccess.v1']],
    ['', undefined],
    ['a,,b', undefined],
    ['a, a', undefined],
    ['a b', undefined],
  ])('of %j are %j', (header, expected) => {
    expect(offeredSubprotocols(header)).toEqual(expected);
  });
});
