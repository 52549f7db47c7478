import { RemoteAccessError } from '@remote-access/contracts';
import { KeyWork, WorkQueue } from './key-work';

const SLOW = {
  kind: 'bcrypt',
  salt: Buffer.alloc(16, 1),
  rounds: 128,
  length: 48,
} as const;

const ANA = { tenant: 't1', userName: 'ana' };
const BEN = { tenant: 't1', userName: 'ben' };
const EVE = { tenant: 't2', userName: 'eve' };

describe('WorkQueue', () => {
  let queue: WorkQueue;
  let started: string[];
  /** Functions that end the running jobs, oldest first. */
  let ends: (() => void)[];
  beforeEach(() => {
    queue = new WorkQueue({ atATime: 1, perUser: 5, inAll: 12 });
    [started, ends] = [[], []];
  });

  const run = (owner: typeof ANA, name: string): Promise<string> =>
    queue.run(owner, () => {
      started.push(name);
      return new Promise(resolve => ends.push(() => resolve(name)));
    });

  async function endAll(jobs: readonly Promise<string>[]): Promise<void> {
    while (ends.length > 0) {
      ends.shift()!();
      await new Promise(setImmediate);
    }
    await Promise.all(jobs);
  }

  it('runs a limited number of jobs at a time, those of one user in order', async () => {
    queue = new WorkQueue({ atATime: 2, perUser: 5, inAll: 10 });
    const jobs = ['1', '2', '3', '4'].map(name => run(ANA, name));
    expect(started).toEqual(['1', '2']);
    await endAll(jobs);
    expect(started).toEqual(['1', '2', '3', '4']);
  });

  it('lets tenants take turns, regardless of who came first', async () => {
    const jobs = ['a1', 'a2', 'a3', 'a4'].map(name => run(ANA, name));
    jobs.push(...['e1', 'e2'].map(name => run(EVE, name)));
    await endAll(jobs);
    expect(started).toEqual(['a1', 'a2', 'e1', 'a3', 'e2', 'a4']);
  });

  it('lets the users of a tenant take turns, and gives a tenant no more for having many', async () => {
    const jobs = ['a1', 'a2', 'a3', 'a4'].map(name => run(ANA, name));
    jobs.push(...['b1', 'b2'].map(name => run(BEN, name)));
    jobs.push(...['e1', 'e2', 'e3'].map(name => run(EVE, name)));
    await endAll(jobs);
    expect(started).toEqual(['a1', 'a2', 'e1', 'b1', 'e2', 'a3', 'e3', 'b2', 'a4']);
  });

  it('refuses more than a user may have, and names the limit; others are not affected', async () => {
    const jobs = ['1', '2', '3', '4', '5'].map(name => run(ANA, name));
    await expect(run(ANA, '6')).rejects.toMatchObject({
      code: 'too-many-requests',
      message:
        'The service is already processing 5 keys for you, the limit for a user. Try again later.',
    });
    jobs.push(run(BEN, 'b'), run(EVE, 'e'));
    await endAll(jobs);
    await endAll([run(ANA, '7')]);
    expect(started).toContain('7');
  });

  it('refuses more than the total limit', async () => {
    const users = Array.from({ length: 12 }, (_, at) => ({ tenant: `t${at}`, userName: 'x' }));
    const jobs = users.map(user => run(user, user.tenant));
    await expect(run(ANA, '1')).rejects.toMatchObject({ code: 'too-many-requests' });
    await endAll(jobs);
  });

  it('continues after a failed job', async () => {
    const failing = queue.run(ANA, () => Promise.reject(new Error('no')));
    const next = queue.run(ANA, () => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});

describe('KeyWork', () => {
  it('derives the same key as other implementations of bcrypt_pbkdf', async () => {
    const work = new KeyWork();
    // The first vector of OpenBSD's regress/lib/libutil/bcrypt_pbkdf.
    const salt = Buffer.from('salt');
    const bcrypt = { kind: 'bcrypt', salt, rounds: 4, length: 32 } as const;
    expect((await work.deriveFor(ANA)(bcrypt, 'password')).toString('hex')).toBe(
      '5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9',
    );
  });

  it('refuses a derivation that is too expensive without queueing it', async () => {
    const work = new KeyWork();
    const running = [1, 2].map(() =>
      work
        .deriveFor(EVE)(SLOW, 'secret')
        .catch(() => undefined),
    );
    const excessive = { ...SLOW, rounds: 1_000_000 };
    await expect(work.deriveFor(ANA)(excessive, '')).rejects.toMatchObject({ code: 'invalid-key' });
    await work.onModuleDestroy();
    await Promise.all(running);
  });

  it('ends derivations in progress when the service stops', async () => {
    const work = new KeyWork();
    const derived = work
      .deriveFor(ANA)(SLOW, 'secret')
      .catch((error: unknown) => error);
    const startedAt = performance.now();
    await work.onModuleDestroy();
    expect(await derived).toBeInstanceOf(Error);
    expect(await derived).not.toBeInstanceOf(RemoteAccessError);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
