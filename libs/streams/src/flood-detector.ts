/** The least that a timer waits; a flood of 60 MB/s fills a read of 64 KiB meanwhile. */
export const GATHER_MS = 1;

/** A piece of this size is worth what each hop on its way spends on it. */
const LARGE_PIECE_BYTES = 32 * 1024;

/** So much within a few milliseconds is a flood; what a screen shows at once is less. */
const FLOOD_BYTES = 64 * 1024;

/** What came so long ago is forgotten. */
const MEMORY_MS = 4;

/**
 * Tells a flood in small pieces from everything else. sshd writes what a terminal gives it, 4 KiB or
 * less; to pass on each of them by itself costs every hop a wake-up, and takes the most of a flood's
 * CPU. A lone piece, as an echo is, never waits.
 */
export class FloodDetector {
  private recentBytes = 0;
  private lastAt = -Infinity;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @returns whether more is about to come, so that reading it together is worth a moment */
  isFlooding(pieceBytes: number): boolean {
    const now = this.now();
    const remembered = Math.max(0, 1 - (now - this.lastAt) / MEMORY_MS);
    this.lastAt = now;
    this.recentBytes = this.recentBytes * remembered + pieceBytes;
    return this.recentBytes > FLOOD_BYTES && pieceBytes < LARGE_PIECE_BYTES;
  }
}
