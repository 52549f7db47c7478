import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { WebSocket, WebSocketServer } from 'ws';
import { Ingress } from './ingress';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const HEAD_101 =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';

/** A request like those of old agents, whose key of 25 characters is not the base64 of 16 bytes. */
const REQUEST =
  'GET /service/remoteaccess/device/abc?x=1 HTTP/1.1\r\n' +
  'Host: tenant.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: 1234567890123456789012345\r\n' +
  'Authorization: Basic abc\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n';

type UpgradeHandler = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Reads the head of a response; the bytes after it stay in the socket. */
async function readHead(socket: Socket): Promise<string> {
  let head = Buffer.alloc(0);
  for (;;) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) {
      await once(socket, 'readable');
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) continue;
    if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
    return head.subarray(0, end + 4).toString();
  }
}

/** Reads to the end and leaves the socket open for writing. */
async function textUntilEnd(socket: Socket): Promise<string> {
  let got = '';
  socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
  await once(socket, 'end');
  return got;
}

describe('the ingress for WebSockets', () => {
  let microservice: Server;
  let onUpgrade: UpgradeHandler;
  let target: string | undefined;
  let ingress: Ingress;
  let platform: Server;
  let port: number;
  let idleMs: number | undefined;
  const opened: Socket[] = [];

  beforeEach(async () => {
    onUpgrade = (_request, socket) => socket.write(`${HEAD_101}\r\n`);
    microservice = createServer();
    microservice.on('upgrade', (request, socket: Socket, head: Buffer) => {
      opened.push(socket);
      onUpgrade(request, socket, head);
    });
    target = `http://127.0.0.1:${await listen(microservice)}`;
    idleMs = undefined;
    ingress = new Ingress(() => target, {
      get idleMs() {
        return idleMs;
      },
    });
    platform = createServer();
    platform.on('upgrade', (request, socket, head) => ingress.upgrade(request, socket, head));
    port = await listen(platform);
  });

  afterEach(() => {
    ingress.stop();
    for (const socket of opened.splice(0)) socket.destroy();
    for (const server of [microservice, platform]) {
      server.close();
      server.closeAllConnections();
    }
  });

  const dial = (first = REQUEST): Socket => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    opened.push(socket);
    socket.write(first);
    return socket;
  };

  /** Both ends of an upgraded connection. */
  const pair = async (): Promise<[caller: Socket, service: Socket]> => {
    const accepted = new Promise<Socket>(resolve => {
      onUpgrade = (_request, socket) => {
        socket.write(`${HEAD_101}\r\n`);
        resolve(socket);
      };
    });
    const caller = dial();
    await readHead(caller);
    return [caller, await accepted];
  };

  it('closes a connection without traffic for too long, on both sides', async () => {
    idleMs = 50;
    const socket = connect(port, '127.0.0.1');
    socket.write(REQUEST);
    expect(await readHead(socket)).toContain('101');
    const [microserviceSide] = opened;
    await Promise.all([once(socket.resume(), 'close'), once(microserviceSide!.resume(), 'end')]);
  });

  it('forwards the request with its headers and with X-Forwarded headers', async () => {
    const seen = new Promise<IncomingMessage>(resolve => {
      onUpgrade = (request, socket) => {
        socket.write(`${HEAD_101}X-Odd:  kept\r\n\r\n`);
        resolve(request);
      };
    });
    expect(await readHead(dial())).toBe(`${HEAD_101}X-Odd: kept\r\n\r\n`);
    const { url, rawHeaders } = await seen;
    expect(url).toBe('/device/abc?x=1');
    expect(rawHeaders).toEqual([
      ...['Host', new URL(target!).host],
      ...['Sec-WebSocket-Version', '13'],
      ...['Sec-WebSocket-Key', '1234567890123456789012345'],
      ...['Authorization', 'Basic abc'],
      ...['X-Forwarded-Host', 'tenant.example'],
      ...['X-Forwarded-Proto', 'http'],
      ...['X-Forwarded-Prefix', '/service/remoteaccess'],
      ...['X-Forwarded-For', '127.0.0.1'],
      ...['X-Real-Ip', '127.0.0.1'],
      ...['Connection', 'Upgrade'],
      ...['Upgrade', 'websocket'],
    ]);
  });

  it('carries WebSocket messages with a real client and server', async () => {
    const server = new WebSocketServer({ noServer: true });
    onUpgrade = (request, socket, head) =>
      server.handleUpgrade(request, socket, head, connection =>
        connection.on('message', (data, isBinary) => connection.send(data, { binary: isBinary })),
      );
    const client = new WebSocket(`ws://127.0.0.1:${port}/service/remoteaccess/echo`, ['binary']);
    await once(client, 'open');
    const sent = randomBytes(3_000_000);
    client.send(sent);
    const [got] = (await once(client, 'message')) as [Buffer];
    expect(sha256(got)).toBe(sha256(sent));
    client.close(1000, 'done');
    const [code] = (await once(client, 'close')) as [number];
    expect(code).toBe(1000);
  });

  it('delivers bytes that arrive with the request and with the response', async () => {
    const early = new Promise<string>(resolve => {
      onUpgrade = (_request, socket, head) => {
        socket.write(`${HEAD_101}\r\nhello`);
        let got = head.toString();
        if (got === 'early') resolve(got);
        socket.on('data', chunk => {
          got += chunk.toString();
          if (got === 'early') resolve(got);
        });
      };
    });
    const caller = dial(`${REQUEST}early`);
    await readHead(caller);
    const [first] = (await once(caller, 'data')) as [Buffer];
    expect(first.toString()).toBe('hello');
    await expect(early).resolves.toBe('early');
  });

  it('forwards the end of one direction and keeps the other open', async () => {
    const [caller, service] = await pair();
    caller.end('question');
    expect(await textUntilEnd(service)).toBe('question');
    service.end('answer after the end');
    expect(await text(caller)).toBe('answer after the end');
  });

  it('delivers the last bytes of a microservice that closes at once', async () => {
    const [caller, service] = await pair();
    const last = randomBytes(1_000_000);
    service.end(last);
    expect(sha256(await buffer(caller))).toBe(sha256(last));
  });

  it('closes the connection when the microservice dies in the middle', async () => {
    const [caller, service] = await pair();
    caller.on('error', () => undefined).resume();
    service.write('some');
    await once(caller, 'data');
    service.resetAndDestroy();
    await once(caller, 'end');
  });

  it('closes the connection to the microservice when the caller vanishes', async () => {
    const [caller, service] = await pair();
    service.on('error', () => undefined).resume();
    caller.resetAndDestroy();
    await once(service, 'end');
  });

  it('stops reading from the microservice while the caller does not read, and loses nothing', async () => {
    const [caller, service] = await pair();
    const flood = randomBytes(48_000_000);
    caller.pause();
    service.end(flood);
    // Only what the buffers of the kernel and the ingress hold while the caller does not read.
    let taken = -1;
    while (service.bytesWritten - service.writableLength !== taken) {
      taken = service.bytesWritten - service.writableLength;
      for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    }
    expect(taken).toBeLessThan(flood.length / 2);
    expect(sha256(await buffer(caller))).toBe(sha256(flood));
  });

  it('carries keystrokes in order during a flood in the other direction', async () => {
    const [flooded, flooding] = await pair();
    const [typing, echoing] = await pair();
    const flood = randomBytes(16_000_000);
    const arrived = buffer(flooded);
    flooding.end(flood);
    echoing.on('data', key => echoing.write(key));
    let typed = '';
    for (let i = 0; i < 50; i += 1) {
      const key = String.fromCharCode(97 + (i % 26));
      typing.write(key);
      typed += ((await once(typing, 'data')) as [Buffer])[0].toString();
    }
    expect(typed).toBe('abcdefghijklmnopqrstuvwxyz'.repeat(2).slice(0, 50));
    expect(sha256(await arrived)).toBe(sha256(flood));
  });

  it('returns a refusal with its headers and body, then closes the connection', async () => {
    onUpgrade = (_request, socket) =>
      socket.end(
        'HTTP/1.1 403 Not You\r\nContent-Type: application/json\r\nX-Why: role\r\n' +
          'Content-Length: 16\r\n\r\n{"error":"role"}',
      );
    expect(await text(dial())).toBe(
      'HTTP/1.1 403 Not You\r\nContent-Type: application/json\r\nX-Why: role\r\n' +
        'Content-Length: 16\r\nConnection: close\r\n\r\n{"error":"role"}',
    );
  });

  it('returns a chunked refusal as a plain body', async () => {
    onUpgrade = (_request, socket) =>
      socket.end('HTTP/1.1 404 Gone\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
    expect(await text(dial())).toBe('HTTP/1.1 404 Gone\r\nConnection: close\r\n\r\nabc');
  });

  it('forwards no second request after a refused upgrade (security)', async () => {
    const second = 'GET /admin HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n';
    let seen = '';
    const refused = new Promise<Socket>(resolve => {
      onUpgrade = (_request, socket, head) => {
        socket.write('HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nno');
        seen += head.toString();
        socket.on('data', chunk => (seen += chunk.toString()));
        resolve(socket);
      };
    });
    const caller = dial(`${REQUEST}${second}`);
    const service = await refused;
    await readHead(caller);
    await new Promise(resolve => caller.write(second, resolve));
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    service.write('!!');
    expect(await text(caller)).toBe('no!!');
    expect(seen).toBe('');
  });

  it('forwards only upgrades to a WebSocket (security)', async () => {
    const answer = await text(dial(REQUEST.replace('Upgrade: websocket', 'Upgrade: h2c')));
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });

  it('answers 503 while no microservice is running, 502 if it does not answer', async () => {
    const running = target;
    target = undefined;
    expect(await text(dial())).toMatch(/^HTTP\/1.1 503 [^]*"error":"microservice\//);
    target = running;
    onUpgrade = (_request, socket) => socket.destroy();
    expect(await text(dial())).toMatch(/^HTTP\/1.1 502 [^]*"error":"microservice\//);
    microservice.close();
    microservice.closeAllConnections();
    expect(await text(dial())).toMatch(/^HTTP\/1.1 502 /);
  });

  it('answers 404 to a path that does not match', async () => {
    const request = REQUEST.replace('/remoteaccess/', '/remoteaccess/../other/');
    expect(await text(dial(request))).toMatch(/^HTTP\/1.1 404 /);
  });

  it('aborts an unanswered upgrade when the caller disconnects', async () => {
    const left = new Promise<void>(resolve => {
      onUpgrade = (_request, socket) => {
        socket.on('error', () => undefined).on('end', () => resolve());
        socket.resume();
        caller.resetAndDestroy();
      };
    });
    const caller = dial();
    await left;
  });

  it('closes all connections when it stops', async () => {
    const [caller, service] = await pair();
    caller.on('error', () => undefined).resume();
    service.on('error', () => undefined).resume();
    const ended = Promise.all([once(caller, 'end'), once(service, 'end')]);
    ingress.stop();
    await ended;
  });
});
