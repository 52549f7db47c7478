/** Intervals that start within the same second fire in the same tick. */
const TICK_MS = 1_000;

/** One timer for all intervals with the same tick. It runs only while it has entries. */
class PooledTimer {
  private static readonly running = new Map<number, PooledTimer>();
  private readonly tasks = new Set<PooledTask>();
  private readonly timer: NodeJS.Timeout;

  private constructor(private readonly tickMs: number) {
    this.timer = setInterval(() => this.tick(), tickMs);
    PooledTimer.running.set(tickMs, this);
  }

  static of(tickMs: number): PooledTimer {
    return PooledTimer.running.get(tickMs) ?? new PooledTimer(tickMs);
  }

  add(task: PooledTask): void {
    this.tasks.add(task);
  }

  remove(task: PooledTask): void {
    if (!this.tasks.delete(task) || this.tasks.size > 0) return;
    clearInterval(this.timer);
    PooledTimer.running.delete(this.tickMs);
  }

  private tick(): void {
    // Iterates over a copy, which excludes tasks added during the loop: their first tick is the
    // next one.
    for (const task of [...this.tasks]) if (this.tasks.has(task)) task.ticked();
  }
}

/**
 * A periodic check. All tasks share one timer, so that thousands of idle sessions wake up the
 * process only once a second. The first check comes up to a second early, and periods are rounded
 * down to whole seconds.
 */
export abstract class PooledTask {
  private readonly timer: PooledTimer;
  private readonly ticks: number;
  private ticksLeft: number;

  constructor(periodMs: number) {
    const tickMs = Math.min(TICK_MS, periodMs);
    this.ticks = this.ticksLeft = Math.floor(periodMs / tickMs);
    this.timer = PooledTimer.of(tickMs);
    this.timer.add(this);
  }

  /** Called by the timer. */
  ticked(): void {
    this.ticksLeft -= 1;
    if (this.ticksLeft > 0) return;
    this.ticksLeft = this.ticks;
    this.look();
  }

  stop(): void {
    this.timer.remove(this);
  }

  protected abstract look(): void;
}

class PooledAction extends PooledTask {
  constructor(
    periodMs: number,
    private readonly action: () => void,
  ) {
    super(periodMs);
  }

  protected override look(): void {
    this.action();
  }
}

/**
 * Like `setInterval`, as a {@link PooledTask}.
 * @returns a function that clears the interval
 */
export function setPooledInterval(action: () => void, periodMs: number): () => void {
  const task = new PooledAction(periodMs, action);
  return () => task.stop();
}
