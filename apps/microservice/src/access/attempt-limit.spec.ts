import { AttemptLimit } from './attempt-limit';

describe('AttemptLimit', () => {
  let now = 0;
  const limit = (): AttemptLimit => new AttemptLimit(() => now);
  beforeEach(() => (now = 0));

  it('allows ten failures of a name per minute', () => {
    const attempts = limit();
    const answers = Array.from({ length: 12 }, () => attempts.failed('ana'));
    expect(answers).toEqual([...Array<boolean>(10).fill(false), true, true]);
  });

  it('counts each name separately', () => {
    const attempts = limit();
    for (let count = 0; count < 20; count += 1) attempts.failed('ana');
    expect(attempts.failed('ben')).toBe(false);
  });

  it('starts over after a minute', () => {
    const attempts = limit();
    for (let count = 0; count < 20; count += 1) attempts.failed('ana');
    now = 60_000;
    expect(attempts.failed('ana')).toBe(false);
  });

  it.each([3_600_000, -3_600_000])('keeps counting when the clock is moved by %i ms', movedMs => {
    const attempts = new AttemptLimit();
    for (let count = 0; count < 10; count += 1) attempts.failed('ana');
    const moved = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + movedMs);
    expect(attempts.failed('ana')).toBe(true);
    moved.mockRestore();
  });

  it('counts a bounded number of names, and drops the least active ones first', () => {
    const attempts = limit();
    for (let count = 0; count < 10; count += 1) attempts.failed('ana');
    for (let count = 0; count < 9_999; count += 1) attempts.failed(`stranger ${count}`);
    expect(attempts.failed('ana')).toBe(true);
    for (let count = 0; count < 10_001; count += 1) attempts.failed(`other ${count}`);
    expect(attempts.failed('ana')).toBe(false);
  });
});
