import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { untilSteady, waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { basic, Stack } from '../fixtures/stack';
import { RawDevice, Received } from '../fixtures/raw-device';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;

let stack: Stack;
let device: RawDevice;
let endpointId: string;

beforeAll(async () => {
  stack = await Stack.start({ agent: false });
  device = new RawDevice(stack);
  endpointId = (await stack.addEndpoint(body, '1002')).id;
});
afterAll(() => stack.stop(), 15_000);
afterEach(() =>
  waitUntil('no operation waits', async () => {
    return (await device.operations('&status=PENDING')).length === 0;
  }),
);

async function client(user = 'operator'): Promise<Received> {
  const path = stack.clientPath(endpointId, '1002');
  const socket = new WebSocket(stack.webSocketUrl(path), {
    headers: { authorization: basic(user) },
    perMessageDeflate: false,
  });
  socket.on('error', () => undefined);
  const received = new Received(socket);
  await once(socket, 'open');
  return received;
}

async function pair(): Promise<{ near: Received; far: Received; operationId: string }> {
  const near = await client();
  const { received, operation } = await device.serve();
  return { near, far: received, operationId: operation.id };
}

interface Audit {
  type: string;
  activity: string;
  text: string;
  user: string;
}

async function audit(operationId: string, activity: string): Promise<Audit> {
  let found: Audit | undefined;
  await waitUntil(`audit record "${activity}"`, async () => {
    const { auditRecords } = await stack.json<{ auditRecords: Audit[] }>(
      `/audit/auditRecords?source=${operationId}&pageSize=100`,
    );
    found = auditRecords.find(record => record.activity === activity);
    return found !== undefined;
  });
  return found!;
}

/** In messages of less than a mebibyte, the most that the service accepts. */
function sendAll(socket: WebSocket, bytes: Buffer): void {
  const most = 1_000_000;
  for (let at = 0; at < bytes.length; at += most) socket.send(bytes.subarray(at, at + most));
}

describe('bytes', () => {
  it('of any value are carried in both directions', async () => {
    const { near, far } = await pair();
    const up = randomBytes(3_000_000);
    const down = randomBytes(3_000_000);
    sendAll(near.socket, up);
    sendAll(far.socket, down);
    expect(sha256(await far.has(up.length))).toBe(sha256(up));
    expect(sha256(await near.has(down.length))).toBe(sha256(down));
    near.socket.close();
    await far.closed();
  });

  it('reach an agent that misreads the length of long messages, 10 MB each way', async () => {
    const { near, far } = await pair();
    const sent = randomBytes(10_000_000);
    const back = randomBytes(10_000_000);
    // cumulocity-agents-linux reads two bytes of length as a signed number.
    const kept: Buffer[] = [];
    let longest = 0;
    far.socket.on('message', (data: Buffer) => {
      longest = Math.max(longest, data.length);
      if (data.length < 32_768) kept.push(data);
    });
    sendAll(near.socket, sent);
    for (let at = 0; at < back.length; at += 60_000) {
      far.socket.send(back.subarray(at, at + 60_000));
    }
    await far.has(sent.length);
    await near.has(back.length);
    expect(longest).toBeLessThanOrEqual(16_384);
    expect(sha256(Buffer.concat(kept))).toBe(sha256(sent));
    expect(sha256(near.bytes)).toBe(sha256(back));
    near.socket.close();
    await far.closed();
  }, 30_000);

  it('that the client sends before the gateway connects are held for it', async () => {
    const near = await client();
    const early = randomBytes(700_000);
    near.socket.send(early);
    const { received: far } = await device.serve();
    expect(sha256(await far.has(early.length))).toBe(sha256(early));
    near.socket.close();
    await far.closed();
  });

  it('that the client sends before the gateway connects meet backpressure beyond a mebibyte', async () => {
    const near = await client();
    const sent: Buffer[] = [];
    for (let count = 0; count < 640; count += 1) {
      sent.push(randomBytes(64 * 1024));
      near.socket.send(sent.at(-1)!);
    }
    // When the transfer stalls, the client still holds far more than a mebibyte.
    await untilSteady('the client is slowed', () => near.socket.bufferedAmount);
    const { received: far } = await device.serve();
    const all = Buffer.concat(sent);
    expect(sha256(await far.has(all.length))).toBe(sha256(all));
    near.socket.close();
    await far.closed();
  });

  it('that one side sends before it closes reach the other side', async () => {
    for (const from of ['near', 'far'] as const) {
      const sides = await pair();
      const sent = randomBytes(5_000_000);
      const to = from === 'near' ? sides.far : sides.near;
      sendAll(sides[from].socket, sent);
      sides[from].socket.close();
      await to.closed();
      expect(sha256(to.bytes)).toBe(sha256(sent));
      expect(to.code).toBe(1000);
    }
  });

  it('are not read while the other side accepts none', async () => {
    const { near, far } = await pair();
    near.socket.pause();
    const chunk = randomBytes(64 * 1024);
    const rssBefore = process.memoryUsage().rss;
    // The kernel alone buffers some 30 MB on the path.
    const total = 2_048;
    let sent = 0;
    const more = (): void => {
      while (sent < total && far.socket.bufferedAmount < 1024 * 1024) {
        far.socket.send(chunk);
        sent += 1;
      }
    };
    const pump = setInterval(more, 1);
    await untilSteady('the gateway is slowed', () => sent);
    expect(sent).toBeLessThan(total / 2);
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(100 * 1024 * 1024);
    near.socket.resume();
    const all = await near.has(total * chunk.length, 60_000);
    clearInterval(pump);
    const expected = createHash('sha256');
    for (let count = 0; count < total; count += 1) expected.update(chunk);
    expect(sha256(all)).toBe(expected.digest('hex'));
    near.socket.close();
    await far.closed();
  }, 90_000);
});

describe('the end', () => {
  it('by the client is passed on to the gateway and audited', async () => {
    const { near, far, operationId } = await pair();
    far.socket.send(Buffer.from('12345'));
    await near.has(5);
    near.socket.close();
    expect((await far.closed()).code).toBe(1000);
    const started = await audit(operationId, 'Remote access session started');
    expect(started).toMatchObject({ type: 'Operation', user: 'operator' });
    expect(started.text).toContain('endpoint "Plc" (PASSTHROUGH 10.0.0.5:502)');
    const ended = await audit(operationId, 'Remote access session ended');
    expect(ended).toMatchObject({ type: 'Operation', user: 'operator' });
    expect(ended.text).toMatch(
      /ended by client after \d+\.\d s \(normal: .*\); 5 bytes to the client, 0 from it$/,
    );
  });

  it('by a client that vanishes without a close frame is passed on too', async () => {
    const { near, far } = await pair();
    near.socket.terminate();
    expect((await far.closed()).code).toBe(1000);
  });

  it('by the endpoint is reported to the client', async () => {
    const { near, far } = await pair();
    far.socket.send(Buffer.from('x'));
    await near.has(1);
    far.socket.close();
    expect(await near.closed()).toMatchObject({
      code: 1000,
      reason: 'The remote server ended the session.',
    });
  });

  // thin-edge.io 1.5 and later report success before they know the outcome, and then cut the
  // connection.
  it.each(['close', 'terminate'] as const)(
    'before the first byte of an endpoint that the gateway called connected says what is likely (%s)',
    async how => {
      const { near, far, operationId } = await pair();
      near.socket.send(Buffer.from('GET / HTTP/1.0'));
      far.socket[how]();
      const { code, reason } = await near.closed();
      expect(code).toBe(4502);
      expect(reason).toContain('Probably nothing listens');
      const started = await audit(operationId, 'Remote access session started');
      expect(started.text).toContain('without an answer yet');
      const ended = await audit(operationId, 'Remote access session ended');
      expect(ended.text).toContain(
        'the endpoint was not reached or never answered; ended by target',
      );
    },
  );

  it('by a gateway that vanishes is reported as a lost connection', async () => {
    const { near, far } = await pair();
    far.socket.send(Buffer.from('x'));
    await near.has(1);
    far.socket.terminate();
    expect(await near.closed()).toMatchObject({
      code: 4502,
      reason: 'The connection to the gateway was lost.',
    });
  });

  it('through the shutdown text of the Python agents is normal, and earlier bytes are delivered', async () => {
    const { near, far } = await pair();
    far.socket.send(Buffer.from('last words'));
    far.socket.send('## Shutdown ##');
    await near.closed();
    expect(near.bytes.toString()).toBe('last words');
    expect(near).toMatchObject({ code: 1000, reason: 'The remote server ended the session.' });
    await far.closed();
  });

  it('does not wait for a client that never answers the close', async () => {
    const { near, far } = await pair();
    near.socket.pause();
    far.socket.close();
    await far.closed();
    near.socket.resume();
    await near.closed();
  });
});

describe('a text frame', () => {
  it('from a gateway ends the session with 1003, and the client is told why', async () => {
    const { near, far } = await pair();
    far.socket.send('hello');
    expect((await far.closed()).code).toBe(1003);
    expect(await near.closed()).toMatchObject({
      code: 4502,
      reason: 'The gateway violated the protocol and was disconnected.',
    });
  });

  it('from a raw client ends the session with 1003', async () => {
    const { near, far } = await pair();
    near.socket.send('{"type":"resize","cols":80,"rows":24}');
    expect(await near.closed()).toMatchObject({
      code: 1003,
      reason: 'This connection takes binary frames only.',
    });
    await far.closed();
  });
});

it('many simultaneous sessions keep their bytes apart', async () => {
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const near = await client(index % 2 === 0 ? 'operator' : 'engineer');
      const early = randomBytes(100_000);
      near.socket.send(early);
      return { near, early };
    }),
  ).then(async clients => {
    const fars: Received[] = [];
    await waitUntil('ten operations', async () => {
      return (await device.operations('&status=PENDING')).length === clients.length;
    });
    for (const operation of await device.operations('&status=PENDING')) {
      await device.report(operation.id, 'EXECUTING');
      fars.push(await device.dial(operation.c8y_RemoteAccessConnect!.connectionKey));
    }
    const got = await Promise.all(fars.map(far => far.has(100_000)));
    expect(got.map(sha256).sort()).toEqual(clients.map(({ early }) => sha256(early)).sort());
    for (const { near } of clients) near.socket.close();
    await Promise.all(fars.map(far => far.closed()));
  });
});
