import { RemoteAccessError } from '@remote-access/contracts';
import { KeyWork, WorkQueue } from './key-work';

const SLOW = {
  kind: 'bcrypt',
  salt: Buffer.alloc(16, 1),
  rounds: 128,
  length: 48,
} as const;

describe('WorkQueue', () => {
  it('runs a number of jobs, lets others wait in turn, and refuses more', async () => {
    const queue = new WorkQueue(2, 2);
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const job = (id: number) => (): Promise<number> => {
      started.push(id);
      return new Promise(resolve => ends.push(() => resolve(id)));
    };
    const jobs = [1, 2, 3, 4].map(id => queue.run(job(id)));
    await expect(queue.run(job(5))).rejects.toMatchObject({ code: 'too-many-requests' });
    expect(started).toEqual([1, 2]);
    ends[0]!();
    await jobs[0];
    expect(started).toEqual([1, 2, 3]);
    ends.slice(1).forEach(end => end());
    await jobs[1];
    ends[3]!();
    expect(await Promise.all(jobs)).toEqual([1, 2, 3, 4]);
  });

  it('continues after a failed job', async () => {
    const queue = new WorkQueue(1, 1);
    const failing = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(() => Promise.resolve('yes'));
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
    expect((await work.derive(bcrypt, 'password')).toString('hex')).toBe(
      '5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9',
    );
  });

  it('ends derivations in progress when the service stops', async () => {
    const work = new KeyWork();
    const derived = work.derive(SLOW, 'secret').catch((error: unknown) => error);
    const startedAt = performance.now();
    await work.onModuleDestroy();
    expect(await derived).toBeInstanceOf(Error);
    expect(await derived).not.toBeInstanceOf(RemoteAccessError);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
