/**
 * What a server may send beyond what has been read, where nothing is known of the reader. All of it
 * still comes after Ctrl+C, so it is small: a browser that draws 10 MB/s takes 50 ms for it.
 */
export const FIRST_WINDOW_BYTES = 512 * 1024;

/** As ssh2 has it for every reader. */
const MAX_WINDOW_BYTES = 2 * 1024 * 1024;

/** What the reader takes in this time may be on its way. */
const WINDOW_MS = 50;

/** The time over which a reader is measured, in windows. */
const MEMORY_WINDOWS = 2.5;

/** Grants are few: each is for a piece of the window. */
const PIECES = 4;

/**
 * How far ahead a server may send, by how fast its output is read: a window that is small for who
 * reads fast makes every hop on the way wait, one that is large for who reads slowly fills up with
 * output that nobody wants any more.
 */
export class ReadingWindow {
  private grantedBytes = FIRST_WINDOW_BYTES;
  private readBytes = 0;
  /** What was read of late: each byte counts less the longer ago it was. */
  private recentBytes = 0;
  private measuredAt: number;

  /** @param now in milliseconds */
  constructor(private readonly now: () => number = monotonic) {
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
    this.measure(readBytes);
    const wanted = Math.floor(this.recentBytes / MEMORY_WINDOWS);
    const windowBytes = Math.min(Math.max(wanted, FIRST_WINDOW_BYTES), MAX_WINDOW_BYTES);
    const granted = readBytes + windowBytes - this.grantedBytes;
    if (granted < windowBytes / PIECES) return 0;
    this.grantedBytes += granted;
    return granted;
  }

  private measure(readBytes: number): void {
    const now = this.now();
    const elapsed = (now - this.measuredAt) / WINDOW_MS / MEMORY_WINDOWS;
    const kept = Math.exp(-elapsed);
    // Read in all of that time: what is read at once, because a processor was busy, is no speed.
    const keptOfNew = elapsed > 0 ? (1 - kept) / elapsed : 1;
    this.recentBytes = this.recentBytes * kept + (readBytes - this.readBytes) * keptOfNew;
    this.readBytes = readBytes;
    this.measuredAt = now;
  }
}

function monotonic(): number {
  return performance.now();
}
