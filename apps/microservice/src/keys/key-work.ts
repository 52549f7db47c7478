import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  type GeneratedKeyPair,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import {
  type Derive,
  generateKeyPair,
  KeyDeriver,
  KeyInspector,
  KeyReader,
  type NewKey,
} from '@remote-access/ssh-keys';
import type { CallerIdentity } from '../access/caller';

/**
 * The service has two to four cores, and OpenSSL's jobs share Node's four threads with name lookups
 * and file access, which must not wait for keys.
 */
const AT_A_TIME = 2;

/** An import reads four keys at a time, a user one. */
const PER_USER = 20;

/** Reached only if many tenants work at once. */
const IN_ALL = 1_000;

/** Runs slow work on keys (derivation and generation), a few jobs at a time. */
@Injectable()
export class KeyWork implements OnModuleDestroy {
  private readonly queue = new WorkQueue({ atATime: AT_A_TIME, perUser: PER_USER, inAll: IN_ALL });
  private readonly deriver = new KeyDeriver();

  /** Refuses derivations that are too expensive immediately; also `too-many-requests`. */
  deriveFor(owner: CallerIdentity): Derive {
    return this.deriver.scheduledBy(job => this.queue.run(owner, job));
  }

  inspectorFor(owner: CallerIdentity): KeyInspector {
    return new KeyInspector(new KeyReader(this.deriveFor(owner)));
  }

  /** @returns `too-many-requests` if the queue is full */
  async generate(
    owner: CallerIdentity,
    key: NewKey,
    comment: string,
  ): Promise<GeneratedKeyPair | Refusal> {
    try {
      return await this.queue.run(owner, () => generateKeyPair(key, comment));
    } catch (error) {
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  onModuleDestroy(): Promise<void> {
    return this.deriver.close();
  }
}

export interface WorkLimits {
  /** Maximum number of running jobs. */
  readonly atATime: number;
  /** Maximum number of jobs of a user, running or waiting. */
  readonly perUser: number;
  /** Maximum number of jobs of all users. */
  readonly inAll: number;
}

/**
 * Runs a limited number of jobs at a time; others wait. Tenants take turns, and so do the users
 * within a tenant, so that nobody has to wait for everything another one has queued.
 */
export class WorkQueue {
  private running = 0;
  private jobs = 0;
  private readonly ofUser = new Map<string, number>();
  /** Waiting jobs, by tenant and user; the first entry of a map is next. */
  private readonly waiting = new Map<TenantId, Map<string, (() => void)[]>>();

  constructor(private readonly limits: WorkLimits) {}

  /** @throws RemoteAccessError `too-many-requests`, naming the limit */
  async run<Result>(owner: CallerIdentity, job: () => Promise<Result>): Promise<Result> {
    const user = JSON.stringify([owner.tenant, owner.userName]);
    const count = this.ofUser.get(user) ?? 0;
    const { atATime, perUser, inAll } = this.limits;
    if (count >= perUser) throw full(`${perUser} keys for you, the limit for a user`);
    if (this.jobs >= inAll) throw full(`${inAll} keys, the limit`);
    this.jobs += 1;
    this.ofUser.set(user, count + 1);
    if (this.running < atATime) this.running += 1;
    else await this.turn(owner.tenant, user);
    try {
      return await job();
    } finally {
      this.jobs -= 1;
      const left = this.ofUser.get(user)! - 1;
      if (left > 0) this.ofUser.set(user, left);
      else this.ofUser.delete(user);
      const next = this.next();
      // The slot passes directly to the next job, so that no newcomer can take it in between.
      if (next) next();
      else this.running -= 1;
    }
  }

  private turn(tenant: TenantId, user: string): Promise<void> {
    const users = this.waiting.get(tenant) ?? new Map<string, (() => void)[]>();
    this.waiting.set(tenant, users);
    const turns = users.get(user) ?? [];
    users.set(user, turns);
    return new Promise(resolve => turns.push(resolve));
  }

  /** Takes the next job; its tenant and user move to the end of their queues. */
  private next(): (() => void) | undefined {
    const [tenant, users] = firstOf(this.waiting) ?? [];
    if (tenant === undefined || !users) return undefined;
    const [user, turns] = firstOf(users)!;
    const turn = turns.shift();
    users.delete(user);
    if (turns.length > 0) users.set(user, turns);
    this.waiting.delete(tenant);
    if (users.size > 0) this.waiting.set(tenant, users);
    return turn;
  }
}

function firstOf<Key, Value>(map: ReadonlyMap<Key, Value>): [Key, Value] | undefined {
  const [first] = map;
  return first;
}

function full(what: string): Refusal {
  const detail = `The service is already processing ${what}. Try again later.`;
  return new RemoteAccessError('too-many-requests', { detail });
}
