/** Whoever begins within the same second is called in the same one. */
const STEP_MS = 1_000;

interface Turn {
  readonly action: () => void;
  readonly steps: number;
  stepsLeft: number;
}

/** One timer for all who are called in whole steps of the same length; there while it is needed. */
class Stepper {
  private static readonly running = new Map<number, Stepper>();
  private readonly turns = new Set<Turn>();
  private readonly timer: NodeJS.Timeout;

  private constructor(private readonly stepMs: number) {
    this.timer = setInterval(() => this.step(), stepMs);
    Stepper.running.set(stepMs, this);
  }

  static of(stepMs: number): Stepper {
    return Stepper.running.get(stepMs) ?? new Stepper(stepMs);
  }

  add(turn: Turn): void {
    this.turns.add(turn);
  }

  remove(turn: Turn): void {
    if (!this.turns.delete(turn) || this.turns.size > 0) return;
    clearInterval(this.timer);
    Stepper.running.delete(this.stepMs);
  }

  private step(): void {
    // Who begins meanwhile is not called in the step in which it began.
    for (const turn of [...this.turns]) {
      if (!this.turns.has(turn)) continue;
      turn.stepsLeft -= 1;
      if (turn.stepsLeft > 0) continue;
      turn.stepsLeft = turn.steps;
      turn.action();
    }
  }
}

/**
 * Like `setInterval`, but in step with all others, by one timer for all of them: the process wakes
 * up once for many sessions in which nothing happens. The first time comes up to a step early, and
 * a period is rounded down to whole seconds.
 * @returns stops it
 */
export function everyInStep(action: () => void, periodMs: number): () => void {
  const stepMs = Math.min(STEP_MS, periodMs);
  const steps = Math.floor(periodMs / stepMs);
  const turn = { action, steps, stepsLeft: steps };
  const stepper = Stepper.of(stepMs);
  stepper.add(turn);
  return () => stepper.remove(turn);
}
