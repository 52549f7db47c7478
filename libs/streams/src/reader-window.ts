/** How much of the newest measurement counts: one that is odd changes little. */
const WEIGHT = 0.25;

/** Each measurement takes a piece of the window. */
const PIECES = 4;

export interface ReaderWindowBounds {
  /** Where nothing is known of the reader, and for who reads slowly. */
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** What the reader takes in this time may be on its way, in milliseconds. */
  readonly spanMs: number;
}

const monotonic = (): number => performance.now();

/**
 * How much may be on its way to a reader, by how fast it reads: a window that is small for who reads
 * fast makes every hop on the way wait, one that is large for who reads slowly fills up with what
 * nobody wants any more.
 */
export class ReaderWindow {
  private windowBytes: number;
  private bytesPerMs: number | undefined;
  private measuredAt: number;
  private measuredBytes = 0;

  /** @param now in milliseconds */
  constructor(
    private readonly bounds: ReaderWindowBounds,
    private readonly now: () => number = monotonic,
  ) {
    this.windowBytes = bounds.leastBytes;
    this.measuredAt = now();
  }

  get bytes(): number {
    return this.windowBytes;
  }

  /**
   * @param readBytes all that has been read so far
   * @returns whether a piece of the window has been read since this was last true
   */
  advance(readBytes: number): boolean {
    const piece = readBytes - this.measuredBytes;
    if (piece < this.windowBytes / PIECES) return false;
    const now = this.now();
    const newest = piece / Math.max(now - this.measuredAt, 1);
    this.measuredAt = now;
    this.measuredBytes = readBytes;
    // A pause in the output is no slow reader: it counts as little as it is rare.
    this.bytesPerMs ??= newest;
    this.bytesPerMs += WEIGHT * (newest - this.bytesPerMs);
    const { leastBytes, mostBytes, spanMs } = this.bounds;
    this.windowBytes = Math.min(Math.max(this.bytesPerMs * spanMs, leastBytes), mostBytes);
    return true;
  }
}
