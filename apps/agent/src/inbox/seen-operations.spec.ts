import { SeenOperations } from './seen-operations';

describe('SeenOperations', () => {
  it('takes each operation once', () => {
    const seen = new SeenOperations();
    expect([seen.add('1'), seen.add('2'), seen.add('1')]).toEqual([true, true, false]);
  });

  it('forgets the oldest of very many', () => {
    const seen = new SeenOperations();
    for (let i = 0; i <= 10_000; i += 1) seen.add(String(i));
    expect([seen.add('10000'), seen.add('1'), seen.add('0')]).toEqual([false, false, true]);
  });
});
