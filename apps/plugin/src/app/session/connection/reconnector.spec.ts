import { type Attempt, Reconnector } from './reconnector';

/** Attempts that the test answers. */
function attempts() {
  const made: { atMs: number; attempt: Attempt; answer: (isDone: boolean) => void }[] = [];
  const reconnector = new Reconnector(
    attempt => new Promise(answer => made.push({ atMs: Date.now(), attempt, answer })),
  );
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
  /** Fails the latest attempt, and returns how long the pause before the next one was. */
  const pauseAfterFailure = async (): Promise<number> => {
    const failedAtMs = Date.now();
    const before = made.length;
    made.at(-1)!.answer(false);
    while (made.length === before) await pass(50);
    return made.at(-1)!.atMs - failedAtMs;
  };
  return { made, reconnector, pass, pauseAfterFailure };
}

describe('Reconnector', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('tries at once, and then less and less often, but at least every 13 seconds', async () => {
    const { reconnector, pauseAfterFailure, made } = attempts();
    reconnector.now();
    expect(made).toHaveLength(1);
    const pauses: number[] = [];
    for (let count = 0; count < 7; count += 1) pauses.push(await pauseAfterFailure());
    const least = [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000];
    pauses.forEach((ms, at) => {
      expect(ms).toBeGreaterThanOrEqual(least[at]!);
      expect(ms).toBeLessThanOrEqual(least[at]! * 1.3 + 50);
    });
    reconnector.stop();
  });

  it('does not wait once the network is back, and tries one at a time', async () => {
    const { made, reconnector, pass } = attempts();
    reconnector.now();
    reconnector.now();
    expect(made).toHaveLength(1);
    made[0]!.answer(false);
    await pass(0);
    reconnector.now();
    expect(made).toHaveLength(2);
    reconnector.stop();
  });

  it('gives up an attempt that shows no sign of life, and not one that does', async () => {
    const { made, reconnector, pass } = attempts();
    reconnector.now();
    await pass(9_000);
    made[0]!.attempt.progressed();
    await pass(9_000);
    expect(made[0]!.attempt.isCurrent()).toBe(true);
    await pass(2_000);
    expect(made[0]!.attempt.isCurrent()).toBe(false);
    await pass(1_000);
    expect(made).toHaveLength(2);
    reconnector.stop();
  });

  it('stops after a success, and when it is told to', async () => {
    const one = attempts();
    one.reconnector.now();
    one.made[0]!.answer(true);
    await one.pass(60_000);
    expect(one.made).toHaveLength(1);
    const other = attempts();
    other.reconnector.now();
    other.reconnector.stop();
    expect(other.made[0]!.attempt.isCurrent()).toBe(false);
    other.made[0]!.answer(false);
    await other.pass(60_000);
    other.reconnector.now();
    expect(other.made).toHaveLength(1);
  });
});
