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
    measured.pong(pings.at(-1)!);
  };
  return { measured, pings, told, answer };
}

describe('LatencyMeter', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('tells the newest round trip and the one that few exceed', () => {
    const { measured, told, answer } = meter();
    measured.run();
    for (let round = 1; round <= 100; round++) {
      answer(round);
      jest.advanceTimersByTime(2000 - round);
    }
    expect(told.at(-1)).toEqual({ nowMs: 100, p95Ms: 95, unstable: false });
    measured.pause();
  });

  it('forgets what was minutes ago', () => {
    const { measured, told, answer } = meter();
    measured.run();
    answer(1400);
    jest.advanceTimersByTime(600);
    for (let round = 0; round < 120; round++) {
      answer(10);
      jest.advanceTimersByTime(1990);
    }
    expect(told.at(-1)).toEqual({ nowMs: 10, p95Ms: 10, unstable: false });
    measured.pause();
  });

  it('calls a line unstable after 1.5 s without an answer, until one comes', () => {
    const { measured, told, answer } = meter();
    measured.run();
    jest.advanceTimersByTime(1499);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual([{ nowMs: undefined, p95Ms: undefined, unstable: true }]);
    answer(500);
    expect(told.at(-1)).toEqual({ nowMs: 2000, p95Ms: 2000, unstable: false });
    measured.pause();
  });

  it('has one question open at a time', () => {
    const { measured, pings } = meter();
    measured.run();
    measured.run();
    jest.advanceTimersByTime(60_000);
    expect(pings).toEqual([1]);
    measured.pause();
  });

  it('asks nothing while it pauses, and takes no late answer for a round trip', () => {
    const { measured, pings, told } = meter();
    measured.run();
    measured.pause();
    jest.advanceTimersByTime(60_000);
    measured.pong(1);
    expect(pings).toEqual([1]);
    expect(told).toEqual([]);
    measured.run();
    expect(pings).toEqual([1, 2]);
    measured.pause();
  });

  it('ignores answers to what it never asked', () => {
    const { measured, told } = meter();
    measured.pong(7);
    expect(told).toEqual([]);
  });

  it('knows nothing of the session before', () => {
    const { measured, told, answer } = meter();
    measured.run();
    answer(5);
    measured.reset();
    expect(told.at(-1)).toEqual({ nowMs: undefined, p95Ms: undefined, unstable: false });
  });
});
