import { DurationLimit, IdleWatch, StallWatch } from './session-limits';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const owner = (transferredBytes: number) => ({
  transferredBytes,
  onIdle: jest.fn(),
  onNearlyIdle: jest.fn(),
  onUsed: jest.fn(),
});

describe('an idle watch', () => {
  it('reports a count that has not changed for the whole time', () => {
    const told = owner(5);
    const watch = new IdleWatch(told, 1_000);
    jest.advanceTimersByTime(999);
    expect(told.onIdle).not.toHaveBeenCalled();
    jest.advanceTimersByTime(100);
    expect(told.onIdle).toHaveBeenCalled();
    watch.stop();
  });

  it('starts over with each byte', () => {
    const told = owner(0);
    const watch = new IdleWatch(told, 1_000);
    for (let count = 0; count < 20; count += 1) {
      jest.advanceTimersByTime(900);
      told.transferredBytes += 1;
    }
    expect(told.onIdle).not.toHaveBeenCalled();
    watch.stop();
  });

  it('warns once, at least a minute before', () => {
    const told = owner(5);
    const watch = new IdleWatch(told, 3_600_000);
    jest.advanceTimersByTime(3_600_000 - 90_000);
    expect(told.onNearlyIdle).not.toHaveBeenCalled();
    jest.advanceTimersByTime(30_000);
    expect(told.onNearlyIdle).toHaveBeenCalledTimes(1);
    const [inMs] = told.onNearlyIdle.mock.calls[0] as [number];
    expect(inMs).toBeGreaterThanOrEqual(60_000);
    expect(inMs).toBeLessThanOrEqual(76_000);
    watch.stop();
  });

  it('starts over when the user stays, and says so', () => {
    const told = owner(5);
    const watch = new IdleWatch(told, 1_000);
    jest.advanceTimersByTime(900);
    expect(told.onNearlyIdle).toHaveBeenCalledTimes(1);
    watch.used();
    expect(told.onUsed).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(900);
    expect(told.onIdle).not.toHaveBeenCalled();
    expect(told.onNearlyIdle).toHaveBeenCalledTimes(2);
    watch.stop();
  });

  it('reports nothing once it is stopped', () => {
    const told = owner(0);
    new IdleWatch(told, 1_000).stop();
    jest.advanceTimersByTime(10_000);
    expect(told.onIdle).not.toHaveBeenCalled();
  });
});

describe('a limited duration', () => {
  const limitTo = (maxDurationMs: number) => {
    const told = { onExpired: jest.fn(), onNearlyExpired: jest.fn() };
    return { ...told, limit: new DurationLimit(told, maxDurationMs) };
  };

  it('ends after a warning a minute before', () => {
    const { onExpired, onNearlyExpired } = limitTo(3_600_000);
    jest.advanceTimersByTime(3_600_000 - 60_001);
    expect(onNearlyExpired).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(onNearlyExpired.mock.calls).toEqual([[60_000]]);
    jest.advanceTimersByTime(59_999);
    expect(onExpired).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(onExpired).toHaveBeenCalledTimes(1);
  });

  it('warns after half of its time if it is short', () => {
    const { onNearlyExpired, limit } = limitTo(1_000);
    jest.advanceTimersByTime(500);
    expect(onNearlyExpired.mock.calls).toEqual([[500]]);
    limit.stop();
  });

  it.each([0, 59 * 60_000, 3_599_999])(
    'does not end anything once it is stopped after %i ms',
    ms => {
      const { onExpired, limit } = limitTo(3_600_000);
      jest.advanceTimersByTime(ms);
      limit.stop();
      jest.advanceTimersByTime(3_600_000);
      expect(onExpired).not.toHaveBeenCalled();
      expect(jest.getTimerCount()).toBe(0);
    },
  );
});

describe('a stall watch', () => {
  it('reports a reader that accepts none of its pending bytes', () => {
    const stalled = jest.fn();
    const reader = { unsentBytes: 10, bytesTaken: 7 };
    const watch = new StallWatch(reader, 1_000, { onStalled: stalled });
    jest.advanceTimersByTime(900);
    expect(stalled).not.toHaveBeenCalled();
    jest.advanceTimersByTime(200);
    expect(stalled).toHaveBeenCalled();
    watch.stop();
  });

  it('tolerates a slow reader, and one without pending bytes', () => {
    const stalled = jest.fn();
    const slow = { unsentBytes: 10, bytesTaken: 0 };
    const watches = [slow, { unsentBytes: 0, bytesTaken: 0 }].map(
      reader => new StallWatch(reader, 1_000, { onStalled: stalled }),
    );
    for (let count = 0; count < 10; count += 1) {
      jest.advanceTimersByTime(900);
      slow.bytesTaken += 1;
    }
    expect(stalled).not.toHaveBeenCalled();
    for (const watch of watches) watch.stop();
  });
});
