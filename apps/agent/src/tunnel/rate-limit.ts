/** How much may be sent at once after a pause, in seconds at the full rate. */
const BURST_SECONDS = 0.25;

/** Limits the total bytes per second of all tunnels, running ones included when it changes. */
export class RateLimit {
  private debtBytes = 0;
  private lastMs: number;

  /** @param bytesPerSecond 0 for no limit */
  constructor(
    private bytesPerSecond = 0,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.lastMs = nowMs();
  }

  /** @param bytesPerSecond 0 for no limit; what was read so far counts at the rate before */
  change(bytesPerSecond = 0): void {
    if (bytesPerSecond === this.bytesPerSecond) return;
    if (this.bytesPerSecond > 0) this.take(0);
    else this.lastMs = this.nowMs();
    this.bytesPerSecond = bytesPerSecond;
    if (bytesPerSecond === 0) this.debtBytes = 0;
  }

  /**
   * Counts bytes that were read.
   * @returns for how many milliseconds to stop reading from their sender
   */
  take(bytes: number): number {
    if (this.bytesPerSecond === 0) return 0;
    const nowMs = this.nowMs();
    const earned = ((nowMs - this.lastMs) / 1000) * this.bytesPerSecond;
    this.lastMs = nowMs;
    const burst = this.bytesPerSecond * BURST_SECONDS;
    this.debtBytes = Math.max(this.debtBytes - earned, -burst) + bytes;
    return Math.max(0, (this.debtBytes / this.bytesPerSecond) * 1000);
  }
}
