import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { BlockList, connect, type AddressInfo, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { RemoteAccessError } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { Log } from '../logging/log';
import { MemoryBudget, memoryLimits, UNREAD_BYTES } from '../memory/memory-budget';
import { Metrics } from '../metrics/metrics';
import type { Admission, Forward, Upgrade, UpgradeHandler, UpgradeRoute } from './route';
import { UpgradeDoor, type DoorLimits } from './upgrade-door';

type Answer = Admission | Forward | RemoteAccessError;

/** Admits when the test decides. */
class PromptedHandler implements UpgradeHandler {
  readonly subprotocols = ['binary'];
  readonly acceptsAnyKey = false;
  readonly asked: { upgrade: Upgrade; answer: (answer: Answer) => void }[] = [];
  private readonly answers: ((answer: Answer) => void)[] = [];
  private wakeUp: () => void = () => undefined;

  admit(upgrade: Upgrade): Promise<Answer> {
    return new Promise(answer => {
      this.asked.push({ upgrade, answer });
      this.answers.push(answer);
      this.wakeUp();
    });
  }

  /** Otherwise the server keeps paused sockets until their handshake deadline. */
  refuseAll(): void {
    for (const answer of this.answers) answer(new RemoteAccessError('shutting-down'));
  }

  async next(): Promise<PromptedHandler['asked'][number]> {
    while (this.asked.length === 0) await new Promise<void>(resolve => (this.wakeUp = resolve));
    return this.asked.shift()!;
  }
}

let server: Server;
let handler: PromptedHandler;
let route: UpgradeRoute;
let memory: MemoryBudget;
const connectTo = jest.fn<Promise<Duplex>, [replica: string, remoteAddress: string]>();
const sockets: Socket[] = [];

async function open(limits?: DoorLimits, memoryBytes = 16 * 1024 * 1024): Promise<void> {
  const settings = { hosted: false, trustedProxies: new BlockList(), allowedOrigins: [] };
  // Expected failures are not logged.
  const log = new Log({ logLevel: 'error' });
  jest.spyOn(log, 'error').mockReturnValue();
  memory = new MemoryBudget(memoryLimits(memoryBytes, false));
  const door = new UpgradeDoor(settings, log, new Metrics(), memory, { connectTo }, limits);
  server = createServer();
  door.attach(server);
  handler = new PromptedHandler();
  route = door.route('/rooms/:room');
  route.serve(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

afterEach(async () => {
  handler.refuseAll();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  await once(server, 'close');
});

const port = (): number => (server.address() as AddressInfo).port;

async function ask(protocol = 'binary'): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(port(), '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  const head = [
    'GET /rooms/7?x=1 HTTP/1.1',
    'Host: h',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Sec-WebSocket-Protocol: ${protocol}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const answer = once(socket, 'data').then(([chunk]) => String(chunk).split('\r\n')[0]!);
  return { socket, answer };
}

const admitted = (): jest.Mocked<Admission> => ({ connected: jest.fn(), abandoned: jest.fn() });

it('hands the WebSocket to the admission before any message', async () => {
  await open();
  const client = new WebSocket(`ws://127.0.0.1:${port()}/rooms/7?x=1`, 'binary');
  client.on('open', () => client.send('hello'));
  const { upgrade, answer } = await handler.next();
  expect(upgrade.parameters).toEqual({ room: '7' });
  expect(upgrade.query.get('x')).toBe('1');
  expect(upgrade.origin).toBe(`http://127.0.0.1:${port()}`);
  const abandoned = jest.fn();
  const said = new Promise<string>(resolve => {
    const connected: Admission['connected'] = socket => {
      socket.on('message', (data: Buffer) => resolve(data.toString()));
    };
    answer({ connected, abandoned });
  });
  expect(await said).toBe('hello');
  expect(abandoned).not.toHaveBeenCalled();
  client.terminate();
});

it('reads nothing from a caller that is not admitted yet', async () => {
  await open();
  const { socket, answer } = await ask();
  const { upgrade, answer: decide } = await handler.next();
  socket.write(Buffer.alloc(64 * 1024));
  expect(upgrade.request.socket.isPaused()).toBe(true);
  decide(new RemoteAccessError('forbidden'));
  expect(await answer).toBe('HTTP/1.1 403 Forbidden');
});

it('answers 504 if the decision takes too long, and abandons a late admission', async () => {
  await open({ maxHandshakes: 10, handshakeDeadlineMs: 20 });
  const { answer } = await ask();
  const { answer: decide } = await handler.next();
  expect(await answer).toBe('HTTP/1.1 504 Gateway Timeout');
  const late = admitted();
  decide(late);
  await new Promise(resolve => setImmediate(resolve));
  expect(late.abandoned).toHaveBeenCalledTimes(1);
});

it('answers 429 to too many simultaneous handshakes', async () => {
  await open({ maxHandshakes: 1, handshakeDeadlineMs: 10_000 });
  await ask();
  const first = await handler.next();
  expect(await (await ask()).answer).toBe('HTTP/1.1 429 Too Many Requests');
  first.answer(new RemoteAccessError('forbidden'));
  await ask();
  await handler.next();
});

it('counts half-open handshakes in the memory of unauthenticated callers, and refuses more than fit (security)', async () => {
  // Unauthenticated callers get a tenant's share, a quarter: three handshakes.
  await open(undefined, 4 * 3 * UNREAD_BYTES);
  for (let count = 0; count < 3; count += 1) await ask();
  await waitUntil('all are half-open', () => handler.asked.length === 3);
  expect(memory.usedBytes).toBe(3 * UNREAD_BYTES);
  const { answer, socket } = await ask();
  const body = once(socket, 'data').then(([chunk]) => String(chunk));
  expect(await answer).toBe('HTTP/1.1 429 Too Many Requests');
  expect(await body).toContain('its limit is 1 MiB');
  for (let count = 0; count < 3; count += 1) {
    (await handler.next()).answer(new RemoteAccessError('forbidden'));
  }
  await waitUntil('all is given back', () => memory.usedBytes === 0);
  await ask();
  await handler.next();
});

it('counts a connection that is forwarded to another replica until it ends', async () => {
  await open();
  const { socket } = await ask();
  const { answer } = await handler.next();
  const [near, far] = duplexPair();
  connectTo.mockResolvedValueOnce(near);
  answer({ owner: 'b' });
  far.resume().once('end', () => far.end());
  await waitUntil('only the forwarded connection counts', () => memory.usedBytes === 256 * 1024);
  expect(connectTo).toHaveBeenCalledWith('b', expect.stringContaining('127.0.0.1'));
  socket.destroy();
  await waitUntil('it is given back', () => memory.usedBytes === 0);

  await ask();
  const refused = new RemoteAccessError('cluster-unavailable');
  connectTo.mockRejectedValueOnce(refused);
  (await handler.next()).answer({ owner: 'b' });
  await waitUntil('nothing is kept', () => memory.usedBytes === 0);
});

it('refuses malformed subprotocols without asking for an admission', async () => {
  await open();
  const admit = jest.spyOn(handler, 'admit');
  expect(await (await ask('binary,,binary')).answer).toBe('HTTP/1.1 400 Bad Request');
  expect(await (await ask('binary, binary')).answer).toBe('HTTP/1.1 400 Bad Request');
  expect(admit).not.toHaveBeenCalled();
});

it('abandons the admission when the socket can no longer be answered', async () => {
  await open();
  await ask();
  const { upgrade, answer: decide } = await handler.next();
  upgrade.request.socket.end();
  const taken = admitted();
  decide(taken);
  await once(upgrade.request.socket, 'close');
  expect(taken.abandoned).toHaveBeenCalledTimes(1);
  expect(taken.connected).not.toHaveBeenCalled();
});

it('answers 500 without revealing the cause if admitting fails', async () => {
  await open();
  jest.spyOn(handler, 'admit').mockRejectedValue(new Error('the password is 1234'));
  const { socket } = await ask();
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect(chunk.toString()).toContain('500 Internal Server Error');
  expect(chunk.toString()).not.toContain('1234');
});

it('answers 503 once the route is closed', async () => {
  await open();
  route.close();
  expect(await (await ask()).answer).toBe('HTTP/1.1 503 Service Unavailable');
});
