import { TextQuota } from './text-frames';

describe('the quota of texts (security)', () => {
  let now = 0;
  let quota: TextQuota;
  beforeEach(() => {
    now = 0;
    quota = new TextQuota(() => now);
  });

  it('allows what a window sends while it is resized and output is rendered', () => {
    const pauses = new Set<number>();
    for (let frame = 0; frame < 6_000; frame += 1, now += 16) {
      for (let text = 0; text < 3; text += 1) pauses.add(quota.take(40));
    }
    expect([...pauses]).toEqual([0]);
  });

  it('pauses a flood of short texts', () => {
    let pause = 0;
    let taken = 0;
    while (pause === 0) {
      pause = quota.take(0);
      taken += 1;
    }
    expect([taken, pause]).toEqual([501, 501]);
    now += pause;
    expect(quota.take(0)).toBe(0);
  });

  it('counts the bytes of long texts', () => {
    expect(quota.take(1024 * 1024)).toBe(4_097);
  });
});
