import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocketServer, type WebSocket } from 'ws';
import { acceptOf, type ClientHandshake, openWebSocket, UpgradeRefused } from './client-handshake';
import { nextEvent } from './next-event.fixture';

let server: Server;
const sockets = new Set<Socket>();

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  server.on('connection', socket => sockets.add(socket));
  await once(server, 'listening');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise(resolve => server.close(resolve));
});

const handshake = (options: Partial<ClientHandshake> = {}): ClientHandshake => ({
  url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/path?query=1`,
  protocols: ['binary'],
  timeoutMs: 10_000,
  maxMessageBytes: 1_000_000,
  ...options,
});

/**
 * Answers handshakes with these lines, and with a valid `Sec-WebSocket-Accept` unless they contain
 * one.
 */
function answerWith(lines: readonly string[]): void {
  server.on('upgrade', (request, socket: Socket) => {
    const proof = `Sec-WebSocket-Accept: ${acceptOf(request.headers['sec-websocket-key']!)}`;
    const all = lines.some(line => line.startsWith('Sec-WebSocket-Accept'))
      ? lines
      : [...lines, proof];
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${all.join('\r\n')}\r\n\r\n`);
  });
}

it('opens a WebSocket that ws accepts, and carries masked bytes in both directions', async () => {
  const webSockets = new WebSocketServer({ server });
  const accepted = once(webSockets, 'connection') as Promise<[WebSocket, IncomingMessage]>;
  const opened = openWebSocket(
    handshake({ headers: { Authorization: 'Bearer x' } }),
    connection => {
      connection.on('error', () => undefined);
      return connection;
    },
  );
  const [far, request] = await accepted;
  const near = await opened;
  expect(request.url).toBe('/path?query=1');
  expect(request.headers).toMatchObject({
    authorization: 'Bearer x',
    'sec-websocket-protocol': 'binary',
    'sec-websocket-version': '13',
  });
  expect(request.headers).not.toHaveProperty('sec-websocket-extensions');
  expect(near.protocol).toBe('binary');
  const there = once(far, 'message') as Promise<[Buffer]>;
  near.send(Buffer.from('there'));
  expect((await there)[0].toString()).toBe('there');
  const back = nextEvent(near, 'message') as Promise<[Buffer]>;
  far.send(Buffer.from('back'));
  expect((await back)[0].toString()).toBe('back');
  near.close();
  await nextEvent(near, 'close');
  webSockets.close();
});

it('hands on bytes that arrive together with the response', async () => {
  server.on('upgrade', (request, socket: Socket) => {
    const accept = acceptOf(request.headers['sec-websocket-key']!);
    socket.write(
      Buffer.concat([
        Buffer.from(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
            `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
        ),
        Buffer.from([0x82, 5]),
        Buffer.from('early'),
      ]),
    );
  });
  const message = await openWebSocket(handshake(), connection =>
    nextEvent(connection, 'message').then(([data]) => (data as Buffer).toString()),
  );
  expect(message).toBe('early');
});

it('reports what a server answered instead', async () => {
  server.on('upgrade', (_request, socket: Socket) => {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nreason');
  });
  const refused = await openWebSocket(handshake(), () => undefined).catch(
    (cause: unknown) => cause,
  );
  expect(refused).toBeInstanceOf(UpgradeRefused);
  const { answer } = refused as UpgradeRefused;
  expect([answer.statusCode, await text(answer)]).toEqual([404, 'reason']);
});

it.each([
  [
    ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: wrong'],
    /wrong Sec-WebSocket-Accept/,
  ],
  [['Upgrade: h2c', 'Connection: Upgrade'], /did not upgrade to a WebSocket/],
  [
    ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Protocol: chat'],
    /subprotocol "chat", which was not offered/,
  ],
  [
    ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Extensions: permessage-deflate'],
    /extension that was not offered/,
  ],
])('refuses the answer %j', async (lines, problem) => {
  answerWith(lines);
  await expect(openWebSocket(handshake(), () => undefined)).rejects.toThrow(problem);
});

it('gives up if the server does not answer', async () => {
  await expect(openWebSocket(handshake({ timeoutMs: 50 }), () => undefined)).rejects.toThrow(
    'Opening handshake has timed out',
  );
});

it('gives up when it is told to', async () => {
  const abort = new AbortController();
  const opening = openWebSocket(handshake({ signal: abort.signal }), () => undefined);
  await once(server, 'upgrade').then(() => abort.abort());
  await expect(opening).rejects.toThrow(/aborted/);
});
