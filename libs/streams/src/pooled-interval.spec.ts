import { setPooledInterval } from './pooled-interval';

const PERIOD_MS = 15_000;

beforeEach(() => jest.useFakeTimers({ now: 1_000_000_000_250 }));
afterEach(() => jest.useRealTimers());

it('fires together with intervals that were set within the same second', () => {
  const times: number[] = [];
  const stops = [0, 300, 400].map(afterMs => {
    jest.advanceTimersByTime(afterMs);
    return setPooledInterval(() => times.push(Date.now()), PERIOD_MS);
  });
  const begun = Date.now();
  jest.advanceTimersByTime(2 * PERIOD_MS);
  const [first, second] = [times[0]!, times[0]! + PERIOD_MS];
  expect(times).toEqual([first, first, first, second, second, second]);
  // Not later than requested by the first, and up to a second early for the last.
  expect(first).toBeLessThanOrEqual(begun - 700 + PERIOD_MS);
  expect(first).toBeGreaterThan(begun + PERIOD_MS - 1_000);
  for (const stop of stops) stop();
});

it('uses one timer for all intervals, and none without intervals', () => {
  const periods = [PERIOD_MS, PERIOD_MS, 25_000, 1_000];
  const stops = periods.map(periodMs => setPooledInterval(() => undefined, periodMs));
  expect(jest.getTimerCount()).toBe(1);
  for (const stop of stops) stop();
  for (const stop of stops) stop();
  expect(jest.getTimerCount()).toBe(0);
});

it('calls the others even if an action clears its interval or sets another', () => {
  const others = jest.fn();
  const stops = [
    setPooledInterval(() => stops[0]!(), 1_000),
    setPooledInterval(() => stops.push(setPooledInterval(others, 2_000)), 3_000),
    setPooledInterval(others, 1_000),
  ];
  jest.advanceTimersByTime(3_000);
  expect(others).toHaveBeenCalledTimes(3);
  jest.advanceTimersByTime(2_000);
  expect(others).toHaveBeenCalledTimes(6);
  for (const stop of stops) stop();
});

it('fires an interval that its own action sets again in the next tick', () => {
  const action = jest.fn();
  const again = (): void => {
    stop();
    action();
    stop = setPooledInterval(again, 1_000);
  };
  let stop = setPooledInterval(again, 1_000);
  const other = setPooledInterval(() => undefined, 1_000);
  jest.advanceTimersByTime(3_000);
  expect(action).toHaveBeenCalledTimes(3);
  stop();
  other();
});

it.each([1, 50, 999, 1_000, PERIOD_MS])('fires every %i ms, the first time no later', periodMs => {
  const action = jest.fn();
  const stop = setPooledInterval(action, periodMs);
  jest.advanceTimersByTime(periodMs);
  expect(action).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(periodMs * 9);
  expect(action).toHaveBeenCalledTimes(10);
  stop();
});

it.each([0, PERIOD_MS])('stops %i ms after it was set', afterMs => {
  const action = jest.fn();
  const stop = setPooledInterval(action, PERIOD_MS);
  jest.advanceTimersByTime(afterMs);
  stop();
  action.mockClear();
  jest.advanceTimersByTime(3 * PERIOD_MS);
  expect(action).not.toHaveBeenCalled();
});
