import { FrameRate } from './frame-rate';

describe('a meter of frames', () => {
  let nowMs = 0;
  const meter = () => new FrameRate(() => nowMs);

  it('shows the frames of a second', () => {
    const frames = meter();
    for (nowMs = 0; nowMs < 5000; nowMs += 50) frames.count();
    expect(frames.framesPerSecond).toBe(20);
  });

  it('falls to nothing when the picture stands still', () => {
    const frames = meter();
    frames.count();
    nowMs += 2000;
    expect(frames.framesPerSecond).toBe(0);
  });
});
