import { everyInStep } from './in-step';

const PERIOD_MS = 15_000;

beforeEach(() => jest.useFakeTimers({ now: 1_000_000_000_250 }));
afterEach(() => jest.useRealTimers());

it('is in step with others that began within the same second', () => {
  const times: number[] = [];
  const stops = [0, 300, 400].map(afterMs => {
    jest.advanceTimersByTime(afterMs);
    return everyInStep(() => times.push(Date.now()), PERIOD_MS);
  });
  jest.advanceTimersByTime(2 * PERIOD_MS);
  const [first, second] = [1_000_000_015_000, 1_000_000_030_000];
  expect(times).toEqual([first, first, first, second, second, second]);
  for (const stop of stops) stop();
});

it.each([1, 50, 999, 1_000, PERIOD_MS])('comes every %i ms, the first time no later', periodMs => {
  const action = jest.fn();
  const stop = everyInStep(action, periodMs);
  jest.advanceTimersByTime(periodMs);
  expect(action).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(periodMs * 9);
  expect(action).toHaveBeenCalledTimes(10);
  stop();
});

it.each([0, PERIOD_MS])('stops %i ms after its begin', afterMs => {
  const action = jest.fn();
  const stop = everyInStep(action, PERIOD_MS);
  jest.advanceTimersByTime(afterMs);
  stop();
  action.mockClear();
  jest.advanceTimersByTime(3 * PERIOD_MS);
  expect(action).not.toHaveBeenCalled();
});
