import { LatencyMeter, type Latency } from './latency-meter';

function meter() {
  const pings: number[] = [];
  const told: Latency[] = [];
  const measured = new LatencyMeter({
    ping: id => pings.push(id),
    nowMs: () => Date.now(),
    changed: latency => told.push(latency),
  });
  const answer = (afterMs: number) => {
    jest.advanceTimersByTime(afterMs);
    measured.pong(pings.at(-1)!, {});
  };
  return { measured, pings, told, answer };
}

describe('LatencyMeter', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('reports the latest round trip and the 95th percentile', () => {
    const { measured, told, answer } = meter();
    measured.run(false);
    for (let round = 1; round <= 100; round++) {
      answer(round);
      jest.advanceTimersByTime(2000 - round);
    }
    expect(told.at(-1)).toEqual({ nowMs: 100, p95Ms: 95, unstable: false, hops: {} });
    measured.pause();
  });

  it('forgets samples after a few minutes', () => {
    const { measured, told, answer } = meter();
    measured.run(false);
    answer(1400);
    jest.advanceTimersByTime(600);
    for (let round = 0; round < 120; round++) {
      answer(10);
      jest.advanceTimersByTime(1990);
    }
    expect(told.at(-1)).toEqual({ nowMs: 10, p95Ms: 10, unstable: false, hops: {} });
    measured.pause();
  });

  it('reports an unstable connection after 1.5 s without a pong, until one arrives', () => {
    const { measured, told, answer } = meter();
    measured.run(false);
    jest.advanceTimersByTime(1499);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual([{ nowMs: undefined, p95Ms: undefined, unstable: true, hops: {} }]);
    answer(500);
    expect(told.at(-1)).toEqual({ nowMs: 2000, p95Ms: 2000, unstable: false, hops: {} });
    measured.pause();
  });

  it('has one ping in flight at a time', () => {
    const { measured, pings } = meter();
    measured.run(false);
    measured.run(false);
    jest.advanceTimersByTime(60_000);
    expect(pings).toEqual([1]);
    measured.pause();
  });

  it('sends no ping while paused, and does not count a late pong', () => {
    const { measured, pings, told } = meter();
    measured.run(false);
    measured.pause();
    jest.advanceTimersByTime(60_000);
    measured.pong(1, {});
    expect(pings).toEqual([1]);
    expect(told).toEqual([]);
    measured.run(false);
    expect(pings).toEqual([1, 2]);
    measured.pause();
  });

  it('ignores a pong that answers no ping', () => {
    const { measured, told } = meter();
    measured.pong(7, {});
    expect(told).toEqual([]);
  });

  it('drops the samples of the previous session', () => {
    const { measured, told, answer } = meter();
    measured.run(false);
    answer(5);
    measured.reset();
    expect(told.at(-1)).toEqual({ nowMs: undefined, p95Ms: undefined, unstable: false, hops: {} });
  });
});
