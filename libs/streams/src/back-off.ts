/** Short enough that nobody waits long once the other side is back. */
const MAX_DELAY_MS = 30_000;

/**
 * Delays between attempts, doubled each time. Each is a random value between half of the delay and
 * all of it, so that clients that lost a server at the same moment do not return at the same
 * moment.
 */
export class BackOff {
  private delayMs: number;

  constructor(
    private readonly firstDelayMs: number,
    private readonly random: () => number = Math.random,
  ) {
    this.delayMs = firstDelayMs;
  }

  /** After a success, the next failure starts with the first delay again. */
  reset(): void {
    this.delayMs = this.firstDelayMs;
  }

  /** @returns milliseconds to wait before the next attempt */
  next(): number {
    const delayMs = this.delayMs * (0.5 + this.random() / 2);
    this.delayMs = Math.min(this.delayMs * 2, MAX_DELAY_MS);
    return delayMs;
  }
}
