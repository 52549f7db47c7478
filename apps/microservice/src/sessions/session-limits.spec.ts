import { IdleWatch, startStallWatch } from './session-limits';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const events = () => ({ onIdle: jest.fn(), onNearlyIdle: jest.fn(), onUsed: jest.fn() });

describe('an idle watch', () => {
  it('reports a count that has not changed for the whole time', () => {
    const told = events();
    const watch = new IdleWatch(() => 5, 1_000, told);
    jest.advanceTimersByTime(999);
    expect(told.onIdle).not.toHaveBeenCalled();
    jest.advanceTimersByTime(100);
    expect(told.onIdle).toHaveBeenCalled();
    watch.stop();
  });

  it('starts over with each byte', () => {
    const told = events();
    let bytes = 0;
    const watch = new IdleWatch(() => bytes, 1_000, told);
    for (let count = 0; count < 20; count += 1) {
      jest.advanceTimersByTime(900);
      bytes += 1;
    }
    expect(told.onIdle).not.toHaveBeenCalled();
    watch.stop();
  });

  it('warns once, at least a minute before', () => {
    const told = events();
    const watch = new IdleWatch(() => 5, 3_600_000, told);
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
    const told = events();
    const watch = new IdleWatch(() => 5, 1_000, told);
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
    const told = events();
    new IdleWatch(() => 0, 1_000, told).stop();
    jest.advanceTimersByTime(10_000);
    expect(told.onIdle).not.toHaveBeenCalled();
  });
});

describe('a stall watch', () => {
  it('reports a reader that accepts none of its pending bytes', () => {
    const stalled = jest.fn();
    const stop = startStallWatch({ writableLength: 10, bytesTaken: 7 }, 1_000, stalled);
    jest.advanceTimersByTime(900);
    expect(stalled).not.toHaveBeenCalled();
    jest.advanceTimersByTime(200);
    expect(stalled).toHaveBeenCalled();
    stop();
  });

  it('tolerates a slow reader, and one without pending bytes', () => {
    const stalled = jest.fn();
    const slow = { writableLength: 10, bytesTaken: 0 };
    const stops = [
      startStallWatch(slow, 1_000, stalled),
      startStallWatch({ writableLength: 0, bytesTaken: 0 }, 1_000, stalled),
    ];
    for (let count = 0; count < 10; count += 1) {
      jest.advanceTimersByTime(900);
      slow.bytesTaken += 1;
    }
    expect(stalled).not.toHaveBeenCalled();
    for (const stop of stops) stop();
  });
});
