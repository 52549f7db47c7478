import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  arbitraryJson,
  closedPort,
  randomSource,
  tcpTarget,
  type TcpTarget,
} from '@remote-access/testkit';
import type { WebSocket } from 'ws';
import { TargetDialler } from '../targets/target-dialler';
import { accessWithPassword } from '../platform/platform-access';
import { RelayDialler } from './relay-dialler';
import { Tunnel, type TunnelDependencies } from './tunnel';
import { FakeRelay, FakeTask } from './tunnel.fixture';
import { maxTunnels, TunnelRegistry } from './tunnel-registry';

function registryOf(dependencies: TunnelDependencies): TunnelRegistry {
  const registry = new TunnelRegistry(dependencies.log);
  registry.use(dependencies);
  return registry;
}

/** Longer than a test may run: both ends of all tunnels share one event loop, on a machine that may be busy. */
const NO_DEADLINE_MS = 120_000;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** All bytes until the other end closes. */
async function receiveAll(socket: WebSocket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('message', chunk => chunks.push(chunk as Buffer));
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

describe('Tunnel', () => {
  let relay: FakeRelay;
  let target: TcpTarget;
  let tools: TunnelDependencies;
  let logged: [event: string, fields: Record<string, unknown>][];

  beforeEach(async () => {
    relay = await FakeRelay.start();
    target = await tcpTarget();
    logged = [];
    tools = {
      relays: new RelayDialler(
        accessWithPassword(relay.url, { user: 't1/device', password: 'pass' }),
        NO_DEADLINE_MS,
      ),
      targets: new TargetDialler({ allow: [], deny: [] }, { timeoutMs: NO_DEADLINE_MS }),
      log: (event, fields = {}) => logged.push([event, { ...fields }]),
    };
  });
  afterEach(async () => {
    await target.stop();
    await relay.stop();
  });

  const serveBy = async (serve: (socket: Socket) => void): Promise<void> => {
    await target.stop();
    target = await tcpTarget(serve);
  };

  const ended = () => logged.find(([event]) => event === 'session ended')?.[1];

  it('connects to the service with the device’s credentials and the subprotocol', async () => {
    const task = new FakeTask('1', target.port);
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(task, tools).run();
    (await arrival).close();
    await run;
    const [request] = relay.requests;
    expect(request).toMatchObject({
      url: '/service/remoteaccess/device/key-1',
      headers: {
        authorization: `Basic ${btoa('t1/device:pass')}`,
        'sec-websocket-protocol': 'binary',
      },
    });
    expect(request!.headers).not.toHaveProperty('sec-websocket-extensions');
  });

  it('carries bytes in both directions and reports its status', async () => {
    const task = new FakeTask('1', target.port);
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(task, tools).run();
    const client = await arrival;
    const sent = randomBytes(1_000_000);
    let got = Buffer.alloc(0);
    const echoed = new Promise<void>(resolve =>
      client.on('message', chunk => {
        got = Buffer.concat([got, chunk as Buffer]);
        if (got.length === sent.length) resolve();
      }),
    );
    client.send(sent);
    await echoed;
    client.close();
    await run;
    expect(sha256(got)).toBe(sha256(sent));
    expect(task.states).toEqual(['EXECUTING', 'SUCCESSFUL']);
    expect(ended()).toMatchObject({
      target: `127.0.0.1:${target.port}`,
      toTargetBytes: sent.length,
      fromTargetBytes: sent.length,
      reason: 'closed by relay',
    });
  });

  it('carries different bytes in 200 tunnels at once', async () => {
    const tunnels = registryOf(tools);
    const sessions = Array.from({ length: 200 }, async (_, i) => {
      const task = new FakeTask(String(i), target.port);
      const failed = new Promise<never>((_resolve, reject) => {
        task.reporting = state => {
          if (state.startsWith('FAILED')) reject(new Error(state));
          return Promise.resolve();
        };
      });
      const arrival = relay.arrival(`key-${i}`);
      tunnels.start(task);
      const client = await Promise.race([arrival, failed]);
      const sent = randomBytes(20_000 + i);
      client.send(sent);
      const chunks: Buffer[] = [];
      let bytes = 0;
      const echoed = new Promise<void>(resolve =>
        client.on('message', chunk => {
          chunks.push(chunk as Buffer);
          bytes += (chunk as Buffer).length;
          if (bytes === sent.length) resolve();
        }),
      );
      await Promise.race([echoed, failed]);
      client.close();
      return sha256(Buffer.concat(chunks)) === sha256(sent);
    });
    expect(new Set(await Promise.all(sessions))).toEqual(new Set([true]));
    await tunnels.stop('done');
  });

  it('delivers the last bytes of a target that closes at once', async () => {
    const last = randomBytes(3_000_000);
    await serveBy(socket => socket.end(last));
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(new FakeTask('1', target.port), tools).run();
    expect(sha256(await receiveAll(await arrival))).toBe(sha256(last));
    await run;
    expect(ended()).toMatchObject({ reason: 'closed by target' });
  });

  it('delivers the last bytes of a client that closes at once', async () => {
    const chunks: Buffer[] = [];
    const arrived = new Promise<void>(resolve => {
      void serveBy(socket => {
        socket.on('data', chunk => chunks.push(chunk)).on('end', () => resolve(void socket.end()));
      }).then(() => new Tunnel(new FakeTask('1', target.port), tools).run());
    });
    const last = randomBytes(3_000_000);
    const client = await relay.arrival('key-1');
    for (let at = 0; at < last.length; at += 60_000) client.send(last.subarray(at, at + 60_000));
    client.close();
    await arrived;
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(last));
  });

  it('buffers bytes that arrive before the target is connected, up to a limit', async () => {
    let connect!: () => void;
    const held = new Promise<void>(resolve => (connect = resolve));
    const slow = {
      dial: async (...args: Parameters<TargetDialler['dial']>) => {
        await held;
        return tools.targets.dial(...args);
      },
    };
    const early = randomBytes(30_000_000);
    const arrival = relay.arrival('key-1', client => {
      for (let at = 0; at < early.length; at += 60_000) {
        client.send(early.subarray(at, at + 60_000));
      }
    });
    const run = new Tunnel(new FakeTask('1', target.port), { ...tools, targets: slow }).run();
    const client = await arrival;
    let left = -1;
    while (client.bufferedAmount !== left) {
      left = client.bufferedAmount;
      for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    }
    expect(left).toBeGreaterThan(early.length / 2);
    const chunks: Buffer[] = [];
    let bytes = 0;
    const echoed = new Promise<void>(resolve =>
      client.on('message', chunk => {
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (bytes === early.length) resolve();
      }),
    );
    connect();
    await echoed;
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(early));
    client.close();
    await run;
  });

  it('carries bytes while the platform is slow to accept a status', async () => {
    const task = new FakeTask('1', target.port);
    let accept!: () => void;
    task.reporting = () => new Promise(resolve => (accept = resolve));
    const arrival = relay.arrival('key-1');
    void new Tunnel(task, tools).run();
    const client = await arrival;
    client.send(Buffer.from('key'));
    const [echo] = (await once(client, 'message')) as [Buffer];
    expect(echo.toString()).toBe('key');
    client.close();
    accept();
  });

  it('keeps running if the platform does not accept a status', async () => {
    const task = new FakeTask('1', target.port);
    task.reporting = () => Promise.reject(new Error('the platform answered 500: x'));
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(task, tools).run();
    const client = await arrival;
    client.send(Buffer.from('key'));
    await once(client, 'message');
    client.close();
    await run;
    expect(logged.filter(([event]) => event === 'status not reported')).toHaveLength(2);
    expect(ended()).toBeDefined();
  });

  it('reports that the target refused before it closes the WebSocket', async () => {
    const port = await closedPort();
    const task = new FakeTask('1', port);
    let accept!: () => void;
    task.reporting = state =>
      state.startsWith('FAILED') ? new Promise(resolve => (accept = resolve)) : Promise.resolve();
    const slow = {
      dial: async (...args: Parameters<TargetDialler['dial']>) => {
        await arrival;
        return tools.targets.dial(...args);
      },
    };
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(task, { ...tools, targets: slow }).run();
    const client = await arrival;
    const closed = once(client, 'close') as Promise<[number, Buffer]>;
    while (!task.states.some(state => state.startsWith('FAILED'))) {
      await new Promise(setImmediate);
    }
    // The pong shows that the agent has not closed the WebSocket yet.
    client.ping();
    await once(client, 'pong');
    expect(client.readyState).toBe(client.OPEN);
    accept();
    const [code, reason] = await closed;
    await run;
    const text = `connection refused by 127.0.0.1:${port}`;
    expect([code, reason.toString()]).toEqual([1011, text]);
    expect(task.states).toEqual(['EXECUTING', `FAILED ${text}`]);
  });

  it.each([
    [
      '169.254.169.254',
      80,
      "target 169.254.169.254:80 is denied by this gateway's configuration (ALLOW_TARGETS, DENY_TARGETS)",
    ],
    [
      '::ffff:a9fe:a9fe',
      80,
      "target 169.254.169.254:80 is denied by this gateway's configuration (ALLOW_TARGETS, DENY_TARGETS)",
    ],
    ['no-such-host.invalid', 22, 'cannot resolve host name no-such-host.invalid'],
    ['0.0.0.0', 22, 'bad target: 0.0.0.0 is not the address of a host'],
    ['a\r\nb', 22, 'bad target: "a\\r\\nb" is not a host name or address'],
    ['127.0.0.1', 0, 'bad target: the port must be between 1 and 65535, not 0'],
  ])('fails a tunnel to %j port %i with a reason (security)', async (hostname, port, reason) => {
    const task = new FakeTask('1', port);
    task.hostname = hostname;
    await new Tunnel(task, tools).run();
    expect(task.states).toEqual(['EXECUTING', `FAILED ${reason}`]);
  });

  it.each([
    '\ud800',
    '',
    '..',
    '../operations',
    'a b',
    'a'.repeat(201),
    null,
    7,
    ['key-1'],
    { toString: null, valueOf: null },
  ])('fails a tunnel with the connection key %j (security)', async connectionKey => {
    const task = new FakeTask('1', target.port, connectionKey);
    await new Tunnel(task, tools).run();
    expect(task.states).toEqual(['EXECUTING', expect.stringMatching(/^FAILED bad connection key/)]);
    expect(relay.requests).toEqual([]);
  });

  it('closes the relay and reports FAILED if connecting to the target throws', async () => {
    const arrival = relay.arrival('key-1');
    const targets = {
      dial: async () => {
        await arrival;
        throw new TypeError('no such method');
      },
    };
    const task = new FakeTask('1', target.port);
    const closed = arrival.then(client => once(client, 'close'));
    await new Tunnel(task, { ...tools, targets }).run();
    const text = "FAILED the gateway's agent failed: no such method";
    expect(task.states).toEqual(['EXECUTING', text]);
    await closed;
  });

  it('reports FAILED if a part of the agent throws', async () => {
    const relays = {
      dial: () => {
        throw new TypeError('Cannot convert object to primitive value');
      },
    };
    const task = new FakeTask('1', target.port);
    await new Tunnel(task, { ...tools, relays }).run();
    const text = "FAILED the gateway's agent failed: Cannot convert object to primitive value";
    expect(task.states).toEqual(['EXECUTING', text]);
  });

  it('survives arbitrary content in operations, and reports each as FAILED (security)', async () => {
    relay.refuse = socket => (socket as Socket).end('HTTP/1.1 404 Not Found\r\n\r\n');
    const random = randomSource(20_261_129);
    for (let count = 0; count < 500; count += 1) {
      const task = new FakeTask('1', arbitraryJson(random), arbitraryJson(random));
      task.hostname = arbitraryJson(random);
      await new Tunnel(task, tools).run();
      expect(task.states).toEqual(['EXECUTING', expect.stringMatching(/^FAILED /)]);
    }
  });

  it.each([
    [
      'an error body',
      'HTTP/1.1 404 Not Found\r\nContent-Length: 34\r\n\r\n{"message":"The key is not known"}',
      'refused the tunnel: 404 The key is not known',
    ],
    [
      'another body',
      'HTTP/1.1 401 Who\r\nContent-Length: 4\r\n\r\nhtml',
      'refused the tunnel: 401 Who',
    ],
    [
      'a long body',
      `HTTP/1.1 502 Bad\r\nContent-Length: 99999\r\n\r\n${'x'.repeat(99_999)}`,
      'refused the tunnel: 502 Bad',
    ],
    ['no HTTP', 'no HTTP\r\n\r\n', 'could not be reached: '],
  ])('reports the reason of the service: %s', async (_what, answer, reason) => {
    relay.refuse = socket => (socket as Socket).end(answer);
    const task = new FakeTask('1', target.port);
    await new Tunnel(task, tools).run();
    expect(task.states[1]).toContain(`FAILED remote access service ${reason}`);
    expect(task.states[1]!.length).toBeLessThan(300);
  });

  it('reports that the service cannot be reached', async () => {
    await relay.stop();
    const task = new FakeTask('1', target.port);
    await new Tunnel(task, tools).run();
    expect(task.states[1]).toBe(
      'FAILED remote access service could not be reached: connection refused',
    );
    relay = await FakeRelay.start();
  });

  it('stops connecting to the target when the service closes the tunnel', async () => {
    const silent = {
      dial: (_target: unknown, signal: AbortSignal) =>
        new Promise<{ refusal: string }>(resolve =>
          signal.addEventListener('abort', () => resolve({ refusal: 'abandoned' })),
        ),
    };
    const task = new FakeTask('1', target.port);
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(task, { ...tools, targets: silent }).run();
    (await arrival).close();
    await run;
    expect(task.states[1]).toBe(
      'FAILED remote access service closed the tunnel before the target was connected',
    );
  });

  it('ends when it receives a text frame', async () => {
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(new FakeTask('1', target.port), tools).run();
    const client = await arrival;
    client.send('## Shutdown ##');
    const [code] = (await once(client, 'close')) as [number];
    await run;
    expect(code).toBe(1003);
    expect(ended()!['reason']).toMatch(/^relay: A text frame/);
    expect(target.connections.every(socket => socket.readableEnded)).toBe(true);
  });

  it('ends when it receives a message of more than 1 MiB', async () => {
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(new FakeTask('1', target.port), tools).run();
    const client = await arrival;
    client.send(Buffer.alloc(1024 * 1024 + 1));
    const [code] = (await once(client, 'close')) as [number];
    expect(code).toBe(1009);
    await run;
  });

  it('closes the connection to the target when the service vanishes', async () => {
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(new FakeTask('1', target.port), tools).run();
    const client = await arrival;
    client.send(Buffer.from('x'));
    await once(client, 'message');
    client.terminate();
    await run;
    expect(target.connections[0]!.destroyed || target.connections[0]!.readableEnded).toBe(true);
  });

  it('closes the WebSocket when the target resets the connection', async () => {
    const arrival = relay.arrival('key-1');
    const run = new Tunnel(new FakeTask('1', target.port), tools).run();
    const client = await arrival;
    client.send(Buffer.from('x'));
    await once(client, 'message');
    target.connections[0]!.resetAndDestroy();
    await once(client, 'close');
    await run;
    expect(ended()!['reason']).toMatch(/^target: .*ECONNRESET/);
  });

  it('reads no more from a target than the service accepts', async () => {
    const flood = randomBytes(48_000_000);
    await serveBy(socket => socket.end(flood));
    const arrival = relay.arrival('key-1', client => client.pause());
    const run = new Tunnel(new FakeTask('1', target.port), tools).run();
    const client = await arrival;
    while (target.connections.length === 0) await new Promise(setImmediate);
    const [socket] = target.connections;
    let left = -1;
    while (socket!.writableLength !== left) {
      left = socket!.writableLength;
      for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    }
    expect(left).toBeGreaterThan(flood.length / 2);
    client.resume();
    expect(sha256(await receiveAll(client))).toBe(sha256(flood));
    await run;
  });

  it('logs neither connection keys nor credentials (security)', async () => {
    relay.refuse = socket => (socket as Socket).end('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n');
    await new Tunnel(new FakeTask('1', target.port, 'the-key'), tools).run();
    relay.refuse = undefined;
    const arrival = relay.arrival('the-key');
    const run = new Tunnel(new FakeTask('2', target.port, 'the-key'), tools).run();
    (await arrival).close();
    await run;
    expect(logged.length).toBeGreaterThan(1);
    expect(JSON.stringify(logged)).not.toMatch(/the-key|pass|Basic/);
  });

  it('sends the reason to the service when the agent is stopped', async () => {
    const tunnels = registryOf(tools);
    const arrival = relay.arrival('key-1');
    tunnels.start(new FakeTask('1', target.port));
    const client = await arrival;
    client.send(Buffer.from('x'));
    await once(client, 'message');
    const closed = once(client, 'close') as Promise<[number, Buffer]>;
    await tunnels.stop('stopped for the test');
    expect((await closed)[1].toString()).toBe('stopped for the test');
    expect(ended()).toMatchObject({ reason: 'stopped for the test' });
  });

  it('refuses tasks beyond its limit', () => {
    const idle = { dial: () => new Promise<never>(() => undefined) };
    const tunnels = registryOf({ ...tools, relays: idle, targets: idle });
    for (let i = 0; i < maxTunnels(); i += 1) tunnels.start(new FakeTask(String(i), target.port));
    const beyond = new FakeTask('beyond', target.port);
    tunnels.start(beyond);
    expect(beyond.states).toEqual([
      `FAILED the gateway has reached its limit of ${maxTunnels()} sessions`,
    ]);
  });

  describe('heartbeat', () => {
    it('pings without a payload and disconnects a service that does not answer', async () => {
      relay.autoPong = false;
      const arrival = relay.arrival('key-1');
      const dialled = await tools.relays.dial('key-1', new AbortController().signal);
      const payloads: Buffer[] = [];
      (await arrival).on('ping', data => payloads.push(data));
      const stop = dialled.connection!.keepAlive(20);
      await new Promise<void>(resolve => dialled.connection!.socket.once('close', () => resolve()));
      stop();
      expect(payloads.map(({ length }) => length)).toEqual([0]);
    });

    it('stays connected to a service that answers, and while the socket is paused', async () => {
      const arrival = relay.arrival('key-1');
      const dialled = await tools.relays.dial('key-1', new AbortController().signal);
      const relayed = dialled.connection!;
      const { socket } = relayed;
      let pings = 0;
      const enough = new Promise<void>(resolve => {
        void arrival.then(server =>
          server.on('ping', () => {
            pings += 1;
            if (pings === 2) socket.pause();
            if (pings === 3) resolve();
          }),
        );
      });
      // Both ends share this event loop: a busy machine must not delay the answer.
      const stop = relayed.keepAlive(200);
      await enough;
      stop();
      expect(socket.readyState).toBe(socket.OPEN);
      socket.terminate();
    });
  });
});
