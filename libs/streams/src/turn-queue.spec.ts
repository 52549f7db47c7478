import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inSharedTurn } from './turn-queue';

/** Blocks, as work does. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('turns that are shared (security)', () => {
  it('hold up everything else for one share, however many ask', async () => {
    let done = 0;
    for (let count = 0; count < 40; count += 1) {
      inSharedTurn(() => {
        work(1);
        done += 1;
      });
    }
    let most = 0;
    while (done < 40) {
      const before = done;
      await nextTurn();
      most = Math.max(most, done - before);
    }
    // Two of the test's turns may meet in one.
    expect(most).toBeLessThanOrEqual(4);
  });

  it('count what a task defers with process.nextTick', async () => {
    let done = 0;
    for (let count = 0; count < 10; count += 1) {
      inSharedTurn(() => process.nextTick(() => (work(3), (done += 1))));
    }
    let most = 0;
    while (done < 10) {
      const before = done;
      await nextTurn();
      most = Math.max(most, done - before);
    }
    expect(most).toBeLessThanOrEqual(2);
  });

  it('run in the order in which they were queued, so that a task that keeps queueing others blocks nobody', async () => {
    const order: string[] = [];
    const again = (name: string, times: number): void => {
      inSharedTurn(() => {
        order.push(name);
        work(1.5);
        if (times > 1) again(name, times - 1);
      });
    };
    again('first', 5);
    again('second', 5);
    inSharedTurn(() => order.push('third'));
    while (order.length < 11) await nextTurn();
    expect(order.slice(0, 3)).toEqual(['first', 'second', 'third']);
    expect(order.slice(3, 7)).toEqual(['first', 'second', 'first', 'second']);
  });

  it('keep the context of whoever asked', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    context.run('one', () => inSharedTurn(() => seen.push(context.getStore())));
    context.run('other', () => inSharedTurn(() => seen.push(context.getStore())));
    while (seen.length < 2) await nextTurn();
    expect(seen).toEqual(['one', 'other']);
  });

  it('are not taken once they are cancelled', async () => {
    const done: number[] = [];
    inSharedTurn(() => done.push(1));
    inSharedTurn(() => done.push(2)).cancel();
    inSharedTurn(() => done.push(3));
    while (done.length < 2) await nextTurn();
    await nextTurn();
    expect(done).toEqual([1, 3]);
  });

  it('of a cancelled task are not given to another, which would then run twice a turn', async () => {
    inSharedTurn(() => undefined).cancel();
    let runs = 0;
    const again = (): void => {
      runs += 1;
      if (runs < 100) process.nextTick(() => inSharedTurn(again));
    };
    inSharedTurn(again);
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    // Two of the test's turns may meet in one.
    expect(runs).toBeLessThanOrEqual(22);
    while (runs < 100) await nextTurn();
  });
});
