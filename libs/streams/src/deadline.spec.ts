import { withDeadline } from './deadline';
import { Disposables } from './disposal';

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

describe('Disposables', () => {
  it('releases once, in reverse order', () => {
    const released: number[] = [];
    const all = new Disposables();
    all.add(() => released.push(1));
    all.add(() => released.push(2));
    all.dispose();
    all.dispose();
    expect(released).toEqual([2, 1]);
  });

  it('immediately releases what is added after the end', () => {
    const all = new Disposables();
    all.dispose();
    const release = jest.fn();
    all.add(release);
    expect(release).toHaveBeenCalledTimes(1);
  });
});
