import { setTimeout as pause } from 'node:timers/promises';

/** One kind of misuse in progress. It is bounded in number and ends when it is stopped. */
export interface Flood {
  readonly name: string;
  /** How often it has been done so far, with the unit. */
  readonly amount: string;
  stop(): void;
}

/** The target of all floods. */
export interface Victim {
  /** The service's own URL: an ingress would be the bottleneck. */
  readonly serviceUrl: string;
  readonly device: string;
}

/** The maximum number of repetitions. */
const MAX_TURNS = 15_000;

/** Repeats an action, several at a time, until it is stopped. */
export class Repetition implements Flood {
  private turns = 0;
  private isStopped = false;

  constructor(
    readonly name: string,
    private readonly unit: string,
    atOnce: number,
    pauseMs: number,
    action: (turn: number) => Promise<unknown>,
  ) {
    const repeat = async (): Promise<void> => {
      while (!this.isStopped && this.turns < MAX_TURNS) {
        this.turns += 1;
        // Floods are expected to get refusals and broken connections.
        await action(this.turns).catch(() => undefined);
        await pause(pauseMs);
      }
    };
    for (let count = 0; count < atOnce; count += 1) void repeat();
  }

  get amount(): string {
    return `${this.turns} ${this.unit}`;
  }

  stop(): void {
    this.isStopped = true;
  }
}
