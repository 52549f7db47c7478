import { durationOf, durationProblem, millisecondsOf, type Duration } from './duration';

describe('a duration', () => {
  it.each([
    [0, 0, 'days'],
    [10_000, 10, 'seconds'],
    [90_000, 90, 'seconds'],
    [120_000, 2, 'minutes'],
    [3_600_000, 1, 'hours'],
    [604_800_000, 7, 'days'],
    [1_500, 1.5, 'seconds'],
  ] as const)('of %d ms is %d %s, and back', (ms, amount, unit) => {
    expect(durationOf(ms)).toEqual({ amount, unit });
    expect(millisecondsOf({ amount, unit })).toBe(ms);
  });

  it.each([
    [{ amount: null, unit: 'hours' }, /whole number/],
    [{ amount: 0, unit: 'hours' }, /whole number/],
    [{ amount: -1, unit: 'hours' }, /whole number/],
    [{ amount: 1.5, unit: 'hours' }, /whole number/],
    [{ amount: 9, unit: 'seconds' }, /too short/],
    [{ amount: 10, unit: 'seconds' }, undefined],
    [{ amount: 60, unit: 'minutes' }, undefined],
    [{ amount: 61, unit: 'minutes' }, /too long/],
  ] as readonly [Duration, RegExp | undefined][])('%j has the problem %s', (duration, message) => {
    const least = { ms: 10_000, message: 'too short' };
    const most = { ms: 3_600_000, message: 'too long' };
    const problem = durationProblem(duration, least, most);
    if (message) expect(problem?.text).toMatch(message);
    else expect(problem).toBeUndefined();
  });
});
