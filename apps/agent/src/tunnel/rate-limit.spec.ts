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

  it('changes for those who use it already, and counts what they have read', () => {
    let nowMs = 0;
    const rate = new RateLimit(1_000, () => nowMs);
    expect(rate.take(200)).toBe(200);
    nowMs += 100;
    rate.change(500);
    expect(rate.take(0)).toBe(200);
    rate.change(0);
    expect(rate.take(1e9)).toBe(0);
    nowMs += 10_000;
    rate.change(1_000);
    expect(rate.take(100)).toBe(100);
  });

  it('without a limit, delays nobody', () => {
    expect(new RateLimit().take(1e9)).toBe(0);
  });
});
