import { isOneTimeCode, oneTimeCode } from './one-time-code';

// RFC 6238, appendix B: the secret is "12345678901234567890"; the codes are the last six of its
// eight digits.
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('one-time codes', () => {
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at %i seconds is %s', (seconds, code) => {
    expect(oneTimeCode(SECRET, new Date(seconds * 1000))).toBe(code);
  });

  it('are accepted one step early or late, but not two', () => {
    const now = new Date(1111111111_000);
    const accepted = [-2, -1, 0, 1, 2].map(steps =>
      isOneTimeCode(oneTimeCode(SECRET, now, steps), SECRET, now),
    );
    expect(accepted).toEqual([false, true, true, true, false]);
    expect(isOneTimeCode('', SECRET, now)).toBe(false);
  });
});
