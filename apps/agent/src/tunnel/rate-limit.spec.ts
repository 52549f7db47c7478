import { RateLimit } from './rate-limit';

describe('RateLimit', () => {
  it('allows the average rate, and a short burst after a pause', () => {
    let nowMs = 0;
    const rate = new RateLimit(1_000, () => nowMs);
    expect(rate.take(100)).toBe(100);
    nowMs += 100;
    expect(rate.take(50)).toBe(50);
    nowMs += 10_000;
    expect(rate.take(250)).toBe(0);
    expect(rate.take(100)).toBe(100);
  });
});
