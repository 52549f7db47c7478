import { setTimeout as pause } from 'node:timers/promises';

/** One kind of misuse, while it goes on. It is bounded in number and ends when it is stopped. */
export interface Flood {
  readonly name: string;
  /** How often it was done so far, with the unit. */
  readonly amount: string;
  stop(): void;
}

/** What all floods are directed at. */
export interface Victim {
  /** Of the service itself: an ingress would be the bottleneck. */
  readonly serviceUrl: string;
  readonly device: string;
}

/** Whoever repeats something without end does it this often at most. */
const MAX_TURNS = 15_000;

/** Runs an action again and again, several at a time, until it is stopped. */
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
        // Refusals and broken connections are what a flood gets.
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
