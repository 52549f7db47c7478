/** Failures that one name may have in a minute; people and agents stay far below. */
const MAX_FAILURES = 10;

const WINDOW_MS = 60_000;

/** Names remembered at the same time; the oldest is forgotten first. */
const MAX_NAMES = 10_000;

interface Failures {
  count: number;
  readonly since: number;
}

/**
 * Counts failures by user or claimed tenant. It never stands before a check, so that whoever comes
 * with the right thing gets in whatever others tried under the same name.
 */
export class AttemptLimit {
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly now: () => number = () => Date.now()) {}

  /** Counts one failure. @returns whether there were too many */
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
