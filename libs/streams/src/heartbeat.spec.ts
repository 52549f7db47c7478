import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { startHeartbeat, type HeartbeatOptions } from './heartbeat';
import { WebSocketDuplex } from './web-socket-duplex';

const PERIOD_MS = 15_000;

let server: WebSocketServer;
let near: WebSocket;
let stream: WebSocketDuplex;
let far: WebSocket;
let stop: () => void;

async function pair(autoPong: boolean): Promise<void> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const connection = once(server, 'connection') as Promise<[WebSocket]>;
  const { port } = server.address() as AddressInfo;
  far = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong });
  [near] = await connection;
  stream = new WebSocketDuplex(near, { onText: () => undefined });
  if (far.readyState !== far.OPEN) await once(far, 'open');
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
});
afterEach(async () => {
  stop();
  jest.useRealTimers();
  far.terminate();
  near.terminate();
  server.close();
  await once(server, 'close');
});

function start(options: Partial<HeartbeatOptions> = {}): { dead: jest.Mock } {
  const dead = jest.fn();
  stop = startHeartbeat(stream, {
    periodMs: PERIOD_MS,
    maxUnanswered: 2,
    expectsPong: true,
    pings: 'when-silent',
    onDead: dead,
    ...options,
  });
  return { dead };
}

it('pings without a payload', async () => {
  await pair(true);
  start();
  const ping = once(far, 'ping') as Promise<[Buffer]>;
  jest.advanceTimersByTime(PERIOD_MS);
  expect((await ping)[0]).toHaveLength(0);
});

it('reports a peer that has not answered two pings as dead', async () => {
  await pair(false);
  const { dead } = start();
  for (let count = 0; count < 2; count += 1) {
    const ping = once(far, 'ping');
    jest.advanceTimersByTime(PERIOD_MS);
    await ping;
    expect(dead).not.toHaveBeenCalled();
  }
  jest.advanceTimersByTime(PERIOD_MS);
  expect(dead).toHaveBeenCalledTimes(1);
});

it('counts messages as signs of life', async () => {
  await pair(false);
  const { dead } = start();
  for (let count = 0; count < 5; count += 1) {
    jest.advanceTimersByTime(PERIOD_MS);
    const message = once(near, 'message');
    far.send('x');
    await message;
  }
  expect(dead).not.toHaveBeenCalled();
});

it.each(['send', 'ping'] as const)('does not ping a peer that sends on its own: %s', async word => {
  await pair(true);
  start();
  const pinged = jest.fn();
  far.on('ping', pinged);
  for (let count = 0; count < 5; count += 1) {
    const heard = once(near, word === 'send' ? 'message' : 'ping');
    far[word]('');
    await heard;
    jest.advanceTimersByTime(PERIOD_MS);
  }
  expect(pinged).not.toHaveBeenCalled();
  const asked = once(far, 'ping');
  jest.advanceTimersByTime(PERIOD_MS);
  await asked;
});

it('tolerates a peer that never answers if no answer is expected', async () => {
  await pair(false);
  const { dead } = start({ expectsPong: false });
  jest.advanceTimersByTime(10 * PERIOD_MS);
  expect(dead).not.toHaveBeenCalled();
});

it('expects answers from a peer that has answered once', async () => {
  await pair(false);
  const { dead } = start({ expectsPong: false });
  const pong = once(near, 'pong');
  far.pong();
  await pong;
  jest.advanceTimersByTime(3 * PERIOD_MS);
  expect(dead).toHaveBeenCalled();
});

it('does not report a peer as dead while the socket is paused', async () => {
  await pair(false);
  const { dead } = start();
  near.pause();
  jest.advanceTimersByTime(10 * PERIOD_MS);
  expect(dead).not.toHaveBeenCalled();
});

it('notices a peer that is gone while the socket is paused', async () => {
  await pair(true);
  start();
  near.pause();
  const closed = once(near, 'close');
  // Fills what Node reads of a paused socket; more than that would also hide the end.
  far.send(Buffer.alloc(1_000_000));
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  far.terminate();
  await once(far, 'close');
  for (let count = 0; count < 5 && near.readyState !== near.CLOSED; count += 1) {
    jest.advanceTimersByTime(PERIOD_MS);
    // The reset that answers a ping takes some turns to arrive.
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  }
  await closed;
});

describe('with a ping in every period', () => {
  const always = { pings: 'always', maxUnanswered: 1 } as const;

  it('pings a peer that sends on its own, and one whose socket is paused', async () => {
    await pair(true);
    const { dead } = start(always);
    const heard = once(near, 'message');
    far.send('x');
    await heard;
    for (const pauses of [false, true]) {
      if (pauses) near.pause();
      const pinged = once(far, 'ping');
      jest.advanceTimersByTime(PERIOD_MS);
      await pinged;
    }
    jest.advanceTimersByTime(10 * PERIOD_MS);
    expect(dead).not.toHaveBeenCalled();
  });

  it('reports a peer that has not answered one ping as dead', async () => {
    await pair(false);
    const { dead } = start(always);
    jest.advanceTimersByTime(PERIOD_MS);
    expect(dead).not.toHaveBeenCalled();
    jest.advanceTimersByTime(PERIOD_MS);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('does not count a period in which unsent bytes delayed the ping', async () => {
    await pair(false);
    const { dead } = start(always);
    const unsent = jest.spyOn(near, 'bufferedAmount', 'get').mockReturnValue(1);
    jest.advanceTimersByTime(PERIOD_MS);
    unsent.mockRestore();
    jest.advanceTimersByTime(PERIOD_MS);
    expect(dead).not.toHaveBeenCalled();
  });
});

it('ignores messages if the peer does not count them', async () => {
  await pair(false);
  const dead = jest.fn();
  stop = startHeartbeat(
    { socket: near },
    {
      periodMs: PERIOD_MS,
      maxUnanswered: 1,
      expectsPong: true,
      pings: 'always',
      onDead: dead,
    },
  );
  const heard = once(near, 'message');
  far.send('x');
  await heard;
  jest.advanceTimersByTime(2 * PERIOD_MS);
  expect(dead).toHaveBeenCalledTimes(1);
});

it('sends nothing after it is stopped', async () => {
  await pair(true);
  const { dead } = start();
  const pinged = jest.fn();
  far.on('ping', pinged);
  stop();
  jest.advanceTimersByTime(10 * PERIOD_MS);
  const message = once(far, 'message');
  near.send('after');
  await message;
  expect(pinged).not.toHaveBeenCalled();
  expect(dead).not.toHaveBeenCalled();
});
