/** The shortest timer. A flood of 60 MB/s fills a 64 KiB read in that time. */
export const GATHER_MS = 1;

/**
 * Chunks of this size, on average, justify the per-chunk cost on each hop. TLS hands on at most one
 * record, 16 KiB, however long one waits, and a frame that a read has cut comes in pieces of any size.
 */
const LARGE_CHUNK_BYTES = 8 * 1024;

/** More than this within a few milliseconds is a flood; redrawing a screen takes less. */
const FLOOD_BYTES = 64 * 1024;

/** How long chunks are taken into account. */
const MEMORY_MS = 4;

/** A shared function, because there is one detector per connection. */
const monotonic = (): number => performance.now();

/**
 * Distinguishes a flood of small chunks from other traffic. sshd sends terminal output in chunks of
 * 4 KiB or less, and forwarding each of them separately wakes up every hop, which is most of a
 * flood's CPU time. A single chunk, such as an echo, never has to wait.
 */
export class FloodDetector {
  private recentBytes = 0;
  private recentChunks = 0;
  private lastAt = -Infinity;

  constructor(private readonly now: () => number = monotonic) {}

  /**
   * Counts a chunk.
   * @returns whether more is about to arrive, so that reading it together is worth a short delay
   */
  isFlooding(chunkBytes: number): boolean {
    const now = this.now();
    const remembered = Math.max(0, 1 - (now - this.lastAt) / MEMORY_MS);
    this.lastAt = now;
    this.recentBytes = this.recentBytes * remembered + chunkBytes;
    this.recentChunks = this.recentChunks * remembered + 1;
    const areSmall = this.recentBytes < LARGE_CHUNK_BYTES * this.recentChunks;
    return this.recentBytes > FLOOD_BYTES && areSmall && chunkBytes < LARGE_CHUNK_BYTES;
  }
}
