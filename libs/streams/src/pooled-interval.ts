/** Intervals that are set within the same second fire in the same tick. */
const TICK_MS = 1_000;

interface Entry {
  readonly action: () => void;
  readonly ticks: number;
  ticksLeft: number;
}

/** One timer for all intervals with the same tick. It runs only while it has entries. */
class PooledTimer {
  private static readonly running = new Map<number, PooledTimer>();
  private readonly entries = new Set<Entry>();
  private readonly timer: NodeJS.Timeout;

  private constructor(private readonly tickMs: number) {
    this.timer = setInterval(() => this.tick(), tickMs);
    PooledTimer.running.set(tickMs, this);
  }

  static of(tickMs: number): PooledTimer {
    return PooledTimer.running.get(tickMs) ?? new PooledTimer(tickMs);
  }

  add(entry: Entry): void {
    this.entries.add(entry);
  }

  remove(entry: Entry): void {
    if (!this.entries.delete(entry) || this.entries.size > 0) return;
    clearInterval(this.timer);
    PooledTimer.running.delete(this.tickMs);
  }

  private tick(): void {
    // The copy leaves out entries that an action adds: their first tick is the next one.
    for (const entry of [...this.entries]) {
      if (!this.entries.has(entry)) continue;
      entry.ticksLeft -= 1;
      if (entry.ticksLeft > 0) continue;
      entry.ticksLeft = entry.ticks;
      entry.action();
    }
  }
}

/**
 * Like `setInterval`, but all intervals share one timer, so that thousands of idle sessions wake
 * the process once a second. The first call comes up to a second early, and periods are rounded
 * down to whole seconds.
 *
 * @returns a function that clears the interval
 */
export function setPooledInterval(action: () => void, periodMs: number): () => void {
  const tickMs = Math.min(TICK_MS, periodMs);
  const ticks = Math.floor(periodMs / tickMs);
  const entry = { action, ticks, ticksLeft: ticks };
  const timer = PooledTimer.of(tickMs);
  timer.add(entry);
  return () => timer.remove(entry);
}
