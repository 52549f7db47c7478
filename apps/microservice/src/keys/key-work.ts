import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  type GeneratedKeyPair,
  isRefusal,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { type Derive, generateKeyPair, KeyDeriver, type NewKey } from '@remote-access/ssh-keys';

/**
 * The service has two to four cores, and OpenSSL's jobs share Node's four threads with name look-ups
 * and files, which must not wait for keys.
 */
const AT_A_TIME = 2;

/** An import may bring a hundred keys; leaves room for other users. */
const MAX_WAITING = 200;

/** Runs slow work on keys, derivation and generation, a few jobs at a time. */
@Injectable()
export class KeyWork implements OnModuleDestroy {
  private readonly queue = new WorkQueue(AT_A_TIME, MAX_WAITING);
  private readonly deriver = new KeyDeriver(job => this.queue.run(job));

  readonly derive: Derive = this.deriver.derive;

  /** @returns `too-many-requests` when the queue is full */
  async generate(key: NewKey, comment: string): Promise<GeneratedKeyPair | Refusal> {
    try {
      return await this.queue.run(() => generateKeyPair(key, comment));
    } catch (error) {
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  onModuleDestroy(): Promise<void> {
    return this.deriver.close();
  }
}

/** Runs a number of jobs at a time; others wait their turn, and too many are refused. */
export class WorkQueue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly maxRunning: number,
    private readonly maxWaiting: number,
  ) {}

  /** @throws RemoteAccessError `too-many-requests` */
  async run<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.running < this.maxRunning) this.running += 1;
    else await this.turn();
    try {
      return await job();
    } finally {
      const next = this.waiting.shift();
      // The place passes to the next job directly, so that no newcomer can take it in between.
      if (next) next();
      else this.running -= 1;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.maxWaiting) throw new RemoteAccessError('too-many-requests');
    return new Promise(resolve => this.waiting.push(resolve));
  }
}
