import { withDeadline } from './deadline';

const tooLate = (): Error => new Error('too late');

describe('withDeadline', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('returns a result that arrives in time and leaves no timer', async () => {
    await expect(withDeadline(Promise.resolve(1), 1_000, tooLate)).resolves.toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('fails at the deadline and disposes of a later result', async () => {
    const disposed: string[] = [];
    let finish!: (result: string) => void;
    const work = new Promise<string>(resolve => (finish = resolve));
    const waiting = withDeadline(work, 1_000, tooLate, late => disposed.push(late));
    jest.advanceTimersByTime(1_000);
    await expect(waiting).rejects.toThrow('too late');
    finish('socket');
    await work;
    expect(disposed).toEqual(['socket']);
  });

  it('ignores a later failure', async () => {
    let fail!: (cause: Error) => void;
    const work = new Promise<string>((_, reject) => (fail = reject));
    const waiting = withDeadline(work, 1_000, tooLate);
    jest.advanceTimersByTime(1_000);
    fail(new Error('refused'));
    await expect(waiting).rejects.toThrow('too late');
  });
});
