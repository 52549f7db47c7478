import { RemoteAccessError } from '@remote-access/contracts';

/** Lets a number of jobs run at a time; others wait their turn, and too many are refused. */
export class WorkSlots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly slots: number,
    private readonly maxWaiting: number,
  ) {}

  /** @throws RemoteAccessError `too-many-requests` */
  async run<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.running < this.slots) this.running += 1;
    else await this.turn();
    try {
      return await job();
    } finally {
      const next = this.waiting.shift();
      // The slot goes on to the next one, so that nobody comes in between.
      if (next) next();
      else this.running -= 1;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.maxWaiting) throw new RemoteAccessError('too-many-requests');
    return new Promise(resolve => this.waiting.push(resolve));
  }
}
