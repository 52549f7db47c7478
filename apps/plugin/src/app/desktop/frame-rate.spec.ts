import { FrameRate } from './frame-rate';

describe('FrameRate', () => {
  let nowMs = 0;
  const meter = () => new FrameRate(() => nowMs);

  it('counts frames per second', () => {
    const frames = meter();
    for (nowMs = 0; nowMs < 5000; nowMs += 50) frames.count();
    expect(frames.framesPerSecond).toBe(20);
  });

  it('falls to 0 when the picture does not change', () => {
    const frames = meter();
    frames.count();
    nowMs += 2000;
    expect(frames.framesPerSecond).toBe(0);
  });
});
