/** How much may be sent at once after a pause, in seconds at the full rate. */
const BURST_SECONDS = 0.25;

/** Limits the total bytes per second of all tunnels. */
export class RateLimit {
  private debtBytes = 0;
  private lastMs: number;

  constructor(
    private readonly bytesPerSecond: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.lastMs = nowMs();
  }

  /**
   * Counts bytes that were read.
   * @returns for how many milliseconds to stop reading from their sender
   */
  take(bytes: number): number {
    const nowMs = this.nowMs();
    const earned = ((nowMs - this.lastMs) / 1000) * this.bytesPerSecond;
    this.lastMs = nowMs;
    const burst = this.bytesPerSecond * BURST_SECONDS;
    this.debtBytes = Math.max(this.debtBytes - earned, -burst) + bytes;
    return Math.max(0, (this.debtBytes / this.bytesPerSecond) * 1000);
  }
}
