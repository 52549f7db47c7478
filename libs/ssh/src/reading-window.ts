/**
 * How far a server may be ahead of a reader whose speed is still unknown. All of it still arrives
 * after Ctrl+C, so it is small: a browser that renders 10 MB/s needs 50 ms for it.
 */
export const FIRST_WINDOW_BYTES = 512 * 1024;

/** The window that ssh2 itself grants every reader. */
const MAX_WINDOW_BYTES = 2 * 1024 * 1024;

/** The window is the amount that the reader consumes in this time. */
const WINDOW_MS = 50;

/** Time constant of the moving average of the reader's speed, in multiples of `WINDOW_MS`. */
const MEMORY_WINDOWS = 2.5;

/** Windows are granted in quarters, so that few adjustments are sent. */
const GRANTS_PER_WINDOW = 4;

/**
 * Adapts the channel's window to the speed of the reader. A window too small for a fast reader
 * makes every hop on the path wait; one too large for a slow reader fills up with output that
 * nobody wants any more.
 */
export class ReadingWindow {
  private grantedBytes = FIRST_WINDOW_BYTES;
  private readBytes = 0;
  /** An exponentially decaying sum of the bytes read. */
  private recentBytes = 0;
  private measuredAt: number;

  /** @param now in milliseconds */
  constructor(private readonly now: () => number = monotonic) {
    this.measuredAt = now();
  }

  /** The total number of bytes that the server may have sent. */
  get granted(): number {
    return this.grantedBytes;
  }

  /**
   * @param readBytes the total number of bytes read so far
   * @returns how many more bytes to grant; 0 while the amount is not worth a packet
   */
  grant(readBytes: number): number {
    this.measure(readBytes);
    const wanted = Math.floor(this.recentBytes / MEMORY_WINDOWS);
    const windowBytes = Math.min(Math.max(wanted, FIRST_WINDOW_BYTES), MAX_WINDOW_BYTES);
    const granted = readBytes + windowBytes - this.grantedBytes;
    if (granted < windowBytes / GRANTS_PER_WINDOW) return 0;
    this.grantedBytes += granted;
    return granted;
  }

  private measure(readBytes: number): void {
    const now = this.now();
    const elapsed = (now - this.measuredAt) / WINDOW_MS / MEMORY_WINDOWS;
    const kept = Math.exp(-elapsed);
    // Averaged over the elapsed time: a burst that was read after the process was busy says nothing
    // about the speed.
    const keptOfNew = elapsed > 0 ? (1 - kept) / elapsed : 1;
    this.recentBytes = this.recentBytes * kept + (readBytes - this.readBytes) * keptOfNew;
    this.readBytes = readBytes;
    this.measuredAt = now;
  }
}

function monotonic(): number {
  return performance.now();
}
