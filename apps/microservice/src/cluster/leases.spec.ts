import { isRefusal } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { type LeaseRequest, Leases } from './leases';
import type { Membership } from './membership';

type GoneListener = (id: string, hasDied: boolean) => void;

/** Replicas that reach each other with random delays. */
class Network {
  readonly leases = new Map<string, Leases>();
  /** Replicas that do not answer. */
  readonly silent = new Set<string>();
  /** Those of them that were asked. */
  readonly unanswered = new Set<string>();
  readonly state = { isSettled: true, isReachable: true, upSinceMs: -Infinity };
  private readonly listeners = new Set<GoneListener>();

  constructor(...ids: string[]) {
    for (const id of ids) {
      const state = this.state;
      const membership = {
        get isSettled() {
          return state.isSettled;
        },
        wasReachableSince: (sinceMs: number) => state.isReachable && state.upSinceMs <= sinceMs,
        list: () => this.others(id).map(other => ({ id: other })),
        find: (other: string) => this.leases.has(other) || undefined,
        whenGone: (listener: GoneListener) => {
          this.listeners.add(listener);
          return () => this.listeners.delete(listener);
        },
      };
      const ask = async (replica: string, request: LeaseRequest): Promise<unknown> => {
        await this.delay();
        if (this.silent.has(replica)) {
          this.unanswered.add(replica);
          return new Promise(() => undefined);
        }
        const answer = await this.leases.get(replica)!.grant(request);
        await this.delay();
        return answer;
      };
      this.leases.set(id, new Leases(id, membership as unknown as Membership, ask));
    }
  }

  die(id: string): void {
    this.leases.delete(id);
    for (const listener of this.listeners) listener(id, true);
  }

  private others(id: string): string[] {
    return [...this.leases.keys()].filter(other => other !== id);
  }

  private delay(): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, Math.random() * 3));
  }
}

it('lets one replica at a time do the work, and all of them in the end', async () => {
  const network = new Network('a', 'b', 'c');
  let inside = 0;
  let most = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise(resolve => setTimeout(resolve, 1));
    inside -= 1;
    done += 1;
  };
  const all = [...network.leases.values()];
  await Promise.all(Array.from({ length: 60 }, (_, n) => all[n % 3]!.run('gateway', work)));
  expect([most, done]).toEqual([1, 60]);
});

it('does not delay changes to something else', async () => {
  const network = new Network('a', 'b');
  let finish!: () => void;
  let begun!: () => void;
  const isRunning = new Promise<void>(resolve => (begun = resolve));
  const long = network.leases.get('a')!.run('one', () => {
    begun();
    return new Promise<void>(resolve => (finish = resolve));
  });
  await isRunning;
  await network.leases.get('b')!.run('two', () => Promise.resolve());
  finish();
  await long;
});

it('continues when a replica that was asked is gone', async () => {
  const network = new Network('a', 'b');
  network.silent.add('b');
  const run = network.leases.get('a')!.run('gateway', () => Promise.resolve('done'));
  await waitUntil('it is asked', () => network.unanswered.has('b'));
  network.die('b');
  expect(await run).toBe('done');
});

it('those that wait for the same lease are refused together, if another replica grants nothing', async () => {
  jest.useFakeTimers();
  try {
    const network = new Network('a', 'b');
    network.silent.add('b');
    const work = jest.fn();
    const runs = [1, 2, 3].map(() => network.leases.get('a')!.run('gateway', work));
    const answers = Promise.all(runs);
    await jest.advanceTimersByTimeAsync(10_000);
    for (const answer of await answers) {
      expect(isRefusal(answer) && answer.code).toBe('cluster-unavailable');
    }
    expect(work).not.toHaveBeenCalled();
  } finally {
    jest.useRealTimers();
  }
});

it('refuses without doing the work while the others are not known', async () => {
  const network = new Network('a');
  network.state.isSettled = false;
  const work = jest.fn();
  const answer = await network.leases.get('a')!.run('gateway', work);
  expect(isRefusal(answer) && answer.code).toBe('cluster-unavailable');
  expect(work).not.toHaveBeenCalled();
});

it('is no longer held once the broker does not answer, so that a suspended replica notices', async () => {
  const network = new Network('a', 'b');
  await network.leases.get('a')!.run('gateway', lease => {
    expect(lease.isHeld).toBe(true);
    network.state.isReachable = false;
    expect(lease.isHeld).toBe(false);
    return Promise.resolve();
  });
});

it('stays lost when the broker answers again, because others may have had the lease', async () => {
  const network = new Network('a', 'b');
  await network.leases.get('a')!.run('gateway', lease => {
    network.state.upSinceMs = performance.now() + 1;
    expect(lease.isHeld).toBe(false);
    return Promise.resolve();
  });
});

it('is not granted to a replica that was suspended while it waited', async () => {
  const network = new Network('a', 'b');
  network.silent.add('b');
  const work = jest.fn();
  const run = network.leases.get('a')!.run('gateway', work);
  await waitUntil('it is asked', () => network.unanswered.has('b'));
  network.state.upSinceMs = performance.now();
  network.die('b');
  const answer = await run;
  expect(isRefusal(answer) && answer.code).toBe('cluster-unavailable');
  expect(work).not.toHaveBeenCalled();
});
