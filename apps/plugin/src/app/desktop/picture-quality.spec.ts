import { AdaptiveQuality, QUALITY_LEVELS } from './picture-quality';

const answer = (quality: AdaptiveQuality, roundTripMs: number, times: number) =>
  Array.from({ length: times }, () => quality.answered(roundTripMs)).filter(Boolean).length;

describe('AdaptiveQuality', () => {
  it('lowers the quality after two queued responses in a row', () => {
    const quality = new AdaptiveQuality();
    quality.answered(40);
    const before = quality.current;
    expect(quality.answered(400)).toBe(false);
    expect(quality.answered(400)).toBe(true);
    expect(quality.current.quality).toBeLessThan(before.quality);
    expect(quality.current.compression).toBeGreaterThan(before.compression);
  });

  it('ignores single slow responses', () => {
    const quality = new AdaptiveQuality();
    quality.answered(40);
    for (let at = 0; at < 20; at += 1) {
      expect(quality.answered(900)).toBe(false);
      expect(quality.answered(120)).toBe(false);
    }
  });

  it('raises the quality step by step while responses are prompt, up to the best', () => {
    const quality = new AdaptiveQuality();
    answer(quality, 30, 100);
    expect(quality.current).toBe(QUALITY_LEVELS.at(-1));
    expect(answer(quality, 30, 100)).toBe(0);
  });

  it('lowers the quality to the lowest on a connection that stays congested', () => {
    const quality = new AdaptiveQuality();
    quality.answered(30);
    expect(answer(quality, 2000, 100)).toBe(3);
    expect(quality.current).toBe(QUALITY_LEVELS[0]);
  });

  it('raises the quality on a connection that is slow but idle', () => {
    const quality = new AdaptiveQuality();
    expect(answer(quality, 700, 7)).toBe(0);
    expect(quality.answered(700)).toBe(true);
    expect(quality.current).toBe(QUALITY_LEVELS.at(-1));
  });
});
