import { waitUntil } from './wait-until';

describe('waiting for a condition', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  async function timesAsked(afterMs: number): Promise<number> {
    let asked = 0;
    const until = performance.now() + afterMs;
    const waiting = waitUntil('a long time', () => {
      asked += 1;
      return performance.now() >= until;
    });
    await jest.advanceTimersByTimeAsync(afterMs + 100);
    await waiting;
    return asked;
  }

  it('asks every few milliseconds at first, and twenty times a second in the end', async () => {
    expect(await timesAsked(100)).toBeGreaterThanOrEqual(20);
    const [four, eight] = [await timesAsked(4_000), await timesAsked(8_000)];
    expect(four).toBeLessThan(140);
    expect(eight - four).toBeGreaterThanOrEqual(79);
    expect(eight - four).toBeLessThanOrEqual(81);
  });

  it('fails with what it waited for', async () => {
    const waiting = expect(
      waitUntil(
        () => 'the moon',
        () => false,
        1_000,
      ),
    ).rejects.toThrow('Not within 1000 ms: the moon');
    await jest.advanceTimersByTimeAsync(1_200);
    await waiting;
  });
});
