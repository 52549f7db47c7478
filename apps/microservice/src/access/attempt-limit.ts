/** Failures allowed per name within {@link WINDOW_MS}; people and agents stay far below. */
const MAX_FAILURES = 10;

const WINDOW_MS = 60_000;

/** Names that are counted at the same time; the oldest is dropped first. */
const MAX_NAMES = 10_000;

interface Failures {
  count: number;
  readonly since: number;
}

/**
 * Counts failures per name. It is consulted only after a check has failed, so that failed attempts
 * by others under the same name lock nobody out.
 */
export class AttemptLimit {
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Counts one failure. @returns whether the limit is exceeded */
  failed(name: string): boolean {
    const known = this.failures.get(name);
    const recent = known && this.now() - known.since < WINDOW_MS ? known : undefined;
    const entry = recent ?? { count: 0, since: this.now() };
    entry.count += 1;
    this.failures.delete(name);
    this.failures.set(name, entry);
    if (this.failures.size > MAX_NAMES) {
      const [oldest] = this.failures.keys();
      this.failures.delete(oldest!);
    }
    return entry.count > MAX_FAILURES;
  }
}
