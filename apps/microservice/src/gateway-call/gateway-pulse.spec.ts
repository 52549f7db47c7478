import { EventEmitter } from 'node:events';
import { GatewayPulse, type PulsePeer } from './gateway-pulse';

/** A gateway's WebSocket, as far as the pulse uses it. */
class Gateway extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  pings: unknown[][] = [];
  takenBytes = 0;
  readonly peer = { socket: this as unknown as PulsePeer['socket'], messagesIn: 0 };

  ping(...payload: unknown[]): void {
    this.pings.push(payload);
  }

  pong(afterMs: number): void {
    jest.advanceTimersByTime(afterMs);
    this.emit('pong');
  }
}

let gateway: Gateway;
let lost: jest.Mock;
let pulse: GatewayPulse;

beforeEach(() => {
  jest.useFakeTimers();
  gateway = new Gateway();
  lost = jest.fn();
  pulse = new GatewayPulse(gateway.peer, { onLost: lost });
});
afterEach(() => {
  pulse.stop();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

/** Behaves like a page, which asks every two seconds. */
function ask(times: number): (string | undefined)[] {
  return Array.from({ length: times }, () => {
    jest.advanceTimersByTime(2_000);
    const { condition } = pulse;
    pulse.ping();
    return condition;
  });
}

it('pings at once and without a payload', () => {
  expect(gateway.pings).toEqual([[]]);
});

it('knows the round trip of the latest answer', () => {
  expect(pulse.roundTripMs).toBeUndefined();
  gateway.pong(12);
  expect(pulse.roundTripMs).toBe(12);
  pulse.ping();
  gateway.pong(40);
  expect(pulse.roundTripMs).toBe(40);
  expect(pulse.condition).toBe('answers');
});

it('reports within two requests of a page that the gateway has stopped answering', () => {
  gateway.pong(5);
  expect(ask(2).at(-1)).toBe('silent');
  gateway.pong(0);
  expect(pulse.condition).toBe('answers');
});

it('has one ping in flight at a time', () => {
  gateway.pong(5);
  ask(10);
  expect(gateway.pings).toHaveLength(2);
});

it('does not report a slow link as silent', () => {
  gateway.pong(1_500);
  pulse.ping();
  jest.advanceTimersByTime(2_900);
  expect(pulse.condition).toBe('answers');
});

it('reports a gateway as lost that answered once and then answers nothing for 30 s', () => {
  gateway.pong(5);
  pulse.ping();
  jest.advanceTimersByTime(29_000);
  expect(lost).not.toHaveBeenCalled();
  jest.advanceTimersByTime(10_000);
  expect(lost).toHaveBeenCalledTimes(1);
});

it('detects the loss without a page that asks', () => {
  gateway.pong(5);
  jest.advanceTimersByTime(50_000);
  expect(lost).toHaveBeenCalledTimes(1);
});

it('leaves a gateway that has never answered a ping to TCP', () => {
  jest.advanceTimersByTime(600_000);
  expect(lost).not.toHaveBeenCalled();
  expect(pulse.condition).toBeUndefined();
  expect(gateway.pings.length).toBeGreaterThan(10);
});

it.each(['message', 'ping'] as const)('counts a %s as a sign of life', sign => {
  gateway.pong(5);
  pulse.ping();
  for (let seconds = 0; seconds < 120; seconds += 2) {
    jest.advanceTimersByTime(2_000);
    if (sign === 'message') gateway.peer.messagesIn += 1;
    else gateway.emit('ping');
    expect(pulse.condition).toBe('answers');
  }
  expect(lost).not.toHaveBeenCalled();
});

it('reports that the gateway does not read while bytes are pending for it, and does not end it', () => {
  gateway.pong(5);
  pulse.ping();
  gateway.bufferedAmount = 4_096;
  gateway.takenBytes = 65_904;
  expect(ask(2).at(-1)).toBe('not-reading');
  jest.advanceTimersByTime(120_000);
  expect(lost).not.toHaveBeenCalled();

  gateway.bufferedAmount = 0;
  gateway.takenBytes = 70_000;
  expect(pulse.condition).toBe('answers');
  jest.advanceTimersByTime(40_000);
  expect(lost).toHaveBeenCalledTimes(1);
});

it('does not complain about a gateway that slowly receives a long upload', () => {
  gateway.pong(5);
  gateway.bufferedAmount = 60_000;
  for (let count = 0; count < 20; count += 1) {
    gateway.takenBytes += 16_384;
    expect(ask(1)).toEqual(['answers']);
  }
});

it('does not count time in which the answer is not read', () => {
  gateway.pong(5);
  pulse.ping();
  gateway.isPaused = true;
  jest.advanceTimersByTime(300_000);
  expect(pulse.condition).toBe('answers');
  expect(lost).not.toHaveBeenCalled();
});

it('sends nothing to a connection that is closing', () => {
  gateway.pong(5);
  gateway.readyState = 2;
  pulse.ping();
  expect(gateway.pings).toHaveLength(1);
});
