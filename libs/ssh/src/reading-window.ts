/**
 * What a server may send beyond what has been read, where nothing is known of the reader. All of it
 * still comes after Ctrl+C, so it is small: a browser that draws 10 MB/s takes 50 ms for it.
 */
export const FIRST_WINDOW_BYTES = 512 * 1024;

/** As ssh2 has it for every reader. */
const MAX_WINDOW_BYTES = 2 * 1024 * 1024;

/** What the reader takes in this time may be on its way. */
const WINDOW_MS = 50;

/** Grants are few, and each is measured: a piece of the window. */
const PIECES = 4;

/** How much of the newest measurement counts: one that is odd changes little. */
const WEIGHT = 0.25;

/**
 * How far ahead a server may send, by how fast its output is read: a window that is small for who
 * reads fast makes every hop on the way wait, one that is large for who reads slowly fills up with
 * output that nobody wants any more.
 */
export class ReadingWindow {
  private windowBytes = FIRST_WINDOW_BYTES;
  private bytesPerMs: number | undefined;
  private grantedBytes = FIRST_WINDOW_BYTES;
  private measuredAt: number;
  private measuredBytes = 0;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.measuredAt = now();
  }

  /** How much the server may have sent in all. */
  get granted(): number {
    return this.grantedBytes;
  }

  /**
   * @param readBytes all that has been read so far
   * @returns how much more the server may send; 0 for not worth a packet yet
   */
  grant(readBytes: number): number {
    const bytes = readBytes + this.windowBytes - this.grantedBytes;
    if (bytes < this.windowBytes / PIECES) return 0;
    this.measure(readBytes);
    const granted = readBytes + this.windowBytes - this.grantedBytes;
    if (granted <= 0) return 0;
    this.grantedBytes += granted;
    return granted;
  }

  /** A pause in the output is no slow reader: it counts as little as it is rare. */
  private measure(readBytes: number): void {
    const now = this.now();
    const elapsedMs = Math.max(now - this.measuredAt, 1);
    const newest = (readBytes - this.measuredBytes) / elapsedMs;
    this.bytesPerMs =
      this.bytesPerMs === undefined
        ? newest
        : this.bytesPerMs + WEIGHT * (newest - this.bytesPerMs);
    this.measuredAt = now;
    this.measuredBytes = readBytes;
    const wanted = this.bytesPerMs * WINDOW_MS;
    this.windowBytes = Math.min(Math.max(wanted, FIRST_WINDOW_BYTES), MAX_WINDOW_BYTES);
  }
}
