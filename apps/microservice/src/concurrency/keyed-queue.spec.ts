import { KeyedQueue } from './keyed-queue';

describe('a keyed queue', () => {
  it('runs tasks of one key sequentially, even after a failure', async () => {
    const queue = new KeyedQueue();
    const events: string[] = [];
    const work =
      (name: string, fails = false) =>
      async () => {
        events.push(`${name} starts`);
        await Promise.resolve();
        events.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([
      queue.run('a', work('1')),
      queue.run('a', work('2', true)),
      queue.run('a', work('3')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const order = ['1 starts', '1 ends', '2 starts', '2 ends', '3 starts', '3 ends'];
    expect(events).toEqual(order);
  });

  it('runs keys independently, and forgets those without tasks', async () => {
    const queue = new KeyedQueue();
    let release = (): void => undefined;
    const held = queue.run('a', () => new Promise<void>(resolve => (release = resolve)));
    await expect(queue.run('b', () => Promise.resolve('done'))).resolves.toBe('done');
    release();
    await held;
    await new Promise(setImmediate);
    expect((queue as unknown as { tails: Map<string, unknown> }).tails.size).toBe(0);
  });
});
