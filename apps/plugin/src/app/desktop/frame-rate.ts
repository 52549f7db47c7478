/**
 * Frames are averaged over this time. A shorter one makes the figure jump, a longer one makes it
 * lag.
 */
const WINDOW_MS = 2_000;

/** Measures how many framebuffer updates are drawn per second. */
export class FrameRate {
  private readonly drawnAtMs: number[] = [];

  constructor(private readonly nowMs: () => number) {}

  count(): void {
    this.drawnAtMs.push(this.nowMs());
    this.dropOld();
  }

  /** The average of the last two seconds; 0 while the screen does not change. */
  get framesPerSecond(): number {
    this.dropOld();
    return Math.round((this.drawnAtMs.length * 1000) / WINDOW_MS);
  }

  private dropOld(): void {
    const since = this.nowMs() - WINDOW_MS;
    while (this.drawnAtMs.length > 0 && this.drawnAtMs[0]! <= since) this.drawnAtMs.shift();
  }
}
