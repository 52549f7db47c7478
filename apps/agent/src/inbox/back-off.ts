const FIRST_DELAY_MS = 500;

/** Soon enough that nobody waits long for a gateway after the platform is back. */
const MAX_DELAY_MS = 30_000;

/**
 * Delays between tries, twice as long each time, each between half of it and all: gateways that
 * lost the platform at the same moment do not come back at the same moment.
 */
export class BackOff {
  private delayMs = FIRST_DELAY_MS;

  constructor(private readonly random: () => number = Math.random) {}

  /** It worked: the next failure starts small again. */
  reset(): void {
    this.delayMs = FIRST_DELAY_MS;
  }

  /** @returns milliseconds to wait now */
  next(): number {
    const delayMs = this.delayMs * (0.5 + this.random() / 2);
    this.delayMs = Math.min(this.delayMs * 2, MAX_DELAY_MS);
    return delayMs;
  }
}
