/**
 * Output that the terminal has not drawn yet. 256 KiB are some hundred screens, drawn within a
 * tenth of a second: more would only make Ctrl+C feel late.
 */
const HOLD_ABOVE_BYTES = 256 * 1024;
const GO_BELOW_BYTES = 64 * 1024;

/**
 * What a service that does not hold back may still pile up. xterm.js throws output away above
 * 50 MB; ending with a reason is better than a screen with holes.
 */
const GIVE_UP_ABOVE_BYTES = 32 * 1024 * 1024;

/** Keeps the output that waits for the terminal within bounds. */
export class OutputValve {
  private waitingBytes = 0;
  private holding = false;

  constructor(private readonly tell: (state: 'hold' | 'go') => void) {}

  /** @returns false when there is too much to go on. */
  arrived(bytes: number): boolean {
    this.waitingBytes += bytes;
    if (!this.holding && this.waitingBytes > HOLD_ABOVE_BYTES) {
      this.holding = true;
      this.tell('hold');
    }
    return this.waitingBytes <= GIVE_UP_ABOVE_BYTES;
  }

  drawn(bytes: number): void {
    this.waitingBytes -= bytes;
    if (this.holding && this.waitingBytes < GO_BELOW_BYTES) {
      this.holding = false;
      this.tell('go');
    }
  }
}
