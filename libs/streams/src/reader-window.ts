export interface ReaderWindowBounds {
  /** Where nothing is known of the reader, and for who reads slowly. */
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** What the reader takes in this time may be on its way, in milliseconds. */
  readonly spanMs: number;
}

/**
 * The time over which a reader is measured, in spans. What is acknowledged all at once, because a
 * processor was busy, adds to the window a part of what it was: it cannot make it grow.
 */
const MEMORY_SPANS = 2.5;

const monotonic = (): number => performance.now();

/**
 * How much may be on its way to a reader, by how fast it reads: a window that is small for who reads
 * fast makes every hop on the way wait, one that is large for who reads slowly fills up with what
 * nobody wants any more.
 */
export class ReaderWindow {
  /** What was read of late: each byte counts less the longer ago it was. */
  private recentBytes = 0;
  private readBytes = 0;
  private measuredAt: number;

  /** @param now in milliseconds */
  constructor(
    private readonly bounds: ReaderWindowBounds,
    private readonly now: () => number = monotonic,
  ) {
    this.measuredAt = now();
  }

  get bytes(): number {
    const { leastBytes, mostBytes } = this.bounds;
    const bytesInSpan = Math.floor(this.recentBytes / MEMORY_SPANS);
    return Math.min(Math.max(bytesInSpan, leastBytes), mostBytes);
  }

  /** @param readBytes all that has been read so far */
  advance(readBytes: number): void {
    const now = this.now();
    const spans = (now - this.measuredAt) / this.bounds.spanMs;
    this.recentBytes =
      this.recentBytes * Math.exp(-spans / MEMORY_SPANS) + readBytes - this.readBytes;
    this.measuredAt = now;
    this.readBytes = readBytes;
  }
}
