import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  get,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Operation } from '@remote-access/contracts/platform';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { createWebSocketStream } from 'ws';
import { CommandLine, type RunningCommand } from '../fixtures/command-line';
import { RawDevice } from '../fixtures/raw-device';
import { GATEWAY, Stack } from '../fixtures/stack';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The content of pages, each with its own address. */
const PAGES = Array.from({ length: 50 }, () => randomBytes(100_000));

describe('many connections in one session', () => {
  let stack: Stack;
  let page: Server;
  let greeter: TcpTarget;
  let commands: CommandLine;
  /** Responses that wait until all requests have arrived. */
  let waiting: { request: IncomingMessage; response: ServerResponse }[] = [];
  let waitsFor = 1;

  beforeAll(async () => {
    page = createServer((request, response) => {
      waiting.push({ request, response });
      if (waiting.length < waitsFor) return;
      for (const one of waiting.splice(0))
        one.response.end(PAGES[Number(one.request.url!.slice(1))]);
    });
    page.listen(0, '127.0.0.1');
    await once(page, 'listening');
    [stack, greeter] = await Promise.all([
      Stack.start(),
      tcpTarget(socket => {
        socket.write('hello\n');
        socket.on('data', chunk => socket.write(chunk));
        socket.on('end', () => socket.end('bye\n'));
      }),
    ]);
    stack.letReadIdentities('engineer');
    const target = { hostname: '127.0.0.1', protocol: 'PASSTHROUGH' } as const;
    const { port } = page.address() as AddressInfo;
    for (const device of [GATEWAY, '1002']) {
      await stack.addEndpoint({ ...target, name: 'Page', port }, device);
      await stack.addEndpoint({ ...target, name: 'Greeter', port: greeter.port }, device);
    }
  });
  beforeEach(() => {
    commands = new CommandLine(stack.emulator.url);
    waiting = [];
    waitsFor = 1;
  });
  afterEach(() => commands.remove());
  afterAll(async () => {
    await stack.stop();
    await greeter.stop();
    page.closeAllConnections();
    await new Promise(resolve => page.close(resolve));
  });

  const operationCount = async (device = GATEWAY): Promise<number> => {
    const path = `/devicecontrol/operations?deviceId=${device}&pageSize=500`;
    return (await stack.json<{ operations: Operation[] }>(path)).operations.length;
  };

  const fetchPage = (port: number, index: number): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const path = `http://127.0.0.1:${port}/${index}`;
      get(path, { agent: false }, response => void buffer(response).then(resolve, reject)).once(
        'error',
        reject,
      );
    });

  const linesOf = async (socket: Socket, end: string): Promise<string> => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await waitUntil(end, () => text.endsWith(end));
    return text;
  };

  const forward = async (...args: string[]): Promise<{ command: RunningCommand; port: number }> => {
    const command = commands.start(['forward', ...args]);
    return { command, port: await command.port() };
  };

  it('carries 50 requests at once', async () => {
    const before = await operationCount();
    const { command, port } = await forward('gw-1', 'Page');
    waitsFor = PAGES.length;
    const bodies = await Promise.all(PAGES.map((_, index) => fetchPage(port, index)));
    expect(bodies.map(sha256)).toEqual(PAGES.map(sha256));
    expect(await operationCount()).toBe(before + 1);
    expect((await command.end()).code).toBe(0);
  });

  it('opens a session for each connection if told to', async () => {
    const before = await operationCount();
    const { port } = await forward('gw-1', 'Page', '--no-multiplex');
    waitsFor = 3;
    await Promise.all([0, 1, 2].map(index => fetchPage(port, index)));
    expect(await operationCount()).toBe(before + 3);
  });

  it('keeps what a server sends first, and the end of one direction', async () => {
    const before = await operationCount();
    const { port } = await forward('gw-1', 'Greeter');
    const sockets = Array.from({ length: 5 }, () =>
      connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
    );
    await Promise.all(
      sockets.map(async (socket, index) => {
        socket.end(`I am ${index}\n`);
        expect(await linesOf(socket, 'bye\n')).toBe(`hello\nI am ${index}\nbye\n`);
      }),
    );
    expect(await operationCount()).toBe(before + 1);
  });

  it('ends connections with their session, says so, and opens another session for the next', async () => {
    const { command, port } = await forward('gw-1', 'Greeter');
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await linesOf(socket, 'hello\n');
    await stack.stopAgent();
    await waitUntil('the connection is closed', () => socket.closed);
    await stack.startAgent();
    const next = connect(port, '127.0.0.1');
    expect(await linesOf(next, 'hello\n')).toBe('hello\n');
    next.destroy();
    expect((await command.end()).stderr).toContain('Connection 1: ');
  });

  describe('with an agent that does not support it', () => {
    let device: RawDevice;
    let isServing: boolean;
    let serving: Promise<void>;

    /** Forwards every byte, like other vendors' agents. */
    const serve = async (): Promise<void> => {
      while (isServing) {
        const [operation] = await device.operations('&status=PENDING');
        if (!operation) continue;
        await device.report(operation.id, 'EXECUTING');
        const { connectionKey, port } = operation.c8y_RemoteAccessConnect!;
        const { socket } = await device.dial(connectionKey);
        const stream = createWebSocketStream(socket);
        const target = connect(port, '127.0.0.1');
        for (const side of [stream, target]) side.on('error', () => side.destroy());
        stream.pipe(target).pipe(stream);
        await device.report(operation.id, 'SUCCESSFUL');
      }
    };

    beforeEach(() => {
      device = new RawDevice(stack);
      isServing = true;
      serving = serve();
    });
    afterEach(async () => {
      isServing = false;
      await serving;
    });

    it('never sends a proposal that could reach the server', async () => {
      const before = await operationCount('1002');
      const { port } = await forward('1002', 'Page');
      waitsFor = 2;
      const bodies = await Promise.all([fetchPage(port, 0), fetchPage(port, 1)]);
      expect(bodies.map(sha256)).toEqual(PAGES.slice(0, 2).map(sha256));
      expect(await operationCount('1002')).toBe(before + 2);
    });

    it('falls back to one session for each if told to try', async () => {
      const { command, port } = await forward('1002', 'Page', '--multiplex');
      const bodies = await Promise.all([fetchPage(port, 0), fetchPage(port, 1)]);
      expect(bodies.map(sha256)).toEqual(PAGES.slice(0, 2).map(sha256));
      expect((await command.end()).stderr).toContain('opens one session for each connection');
    });
  });
});
