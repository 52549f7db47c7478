import { BackOff } from './back-off';

describe('BackOff', () => {
  it('doubles the delay up to a limit and starts over after a success', () => {
    const backOff = new BackOff(500, () => 1);
    const delays = Array.from({ length: 8 }, () => backOff.next());
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    backOff.reset();
    expect(backOff.next()).toBe(500);
  });

  it('spreads the attempts over half of the delay', () => {
    expect(new BackOff(500, () => 0).next()).toBe(250);
    expect(new BackOff(500, () => 0.5).next()).toBe(375);
  });
});
