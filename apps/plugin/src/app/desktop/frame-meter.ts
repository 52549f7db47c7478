/** Updates are counted over this time; shorter and the figure jumps, longer and it lags. */
const WINDOW_MS = 2_000;

/** Counts the updates of a picture. */
export class FrameMeter {
  private readonly atMs: number[] = [];

  constructor(private readonly nowMs: () => number) {}

  count(): void {
    this.atMs.push(this.nowMs());
    this.forget();
  }

  /** Of the last two seconds; 0 while the picture stands still. */
  get framesPerSecond(): number {
    this.forget();
    return Math.round((this.atMs.length * 1000) / WINDOW_MS);
  }

  private forget(): void {
    const since = this.nowMs() - WINDOW_MS;
    while (this.atMs.length > 0 && this.atMs[0]! <= since) this.atMs.shift();
  }
}
