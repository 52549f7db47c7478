/**
 * Dragging a window's border sends 60 sizes a second, and rendering a flood as many
 * acknowledgements.
 */
const TEXTS_PER_MS = 1;

/**
 * Texts that a peer may send in a burst. One read of 64 KiB may contain 10,000; the pause
 * compensates for it.
 */
const BURST_TEXTS = 500;

/** Reading a long text takes as long as reading this many bytes of short ones. */
const BYTES_PER_TEXT = 256;

/** A sender that is paused for longer could be considered dead. */
const MAX_PAUSE_MS = 5_000;

/** A shared function, because there is one quota per connection. */
const monotonic = (): number => performance.now();

/** Limits the text frames that a peer may send: 1,000 a second, and bursts of 500. */
export class TextQuota {
  private used = 0;
  private lastAt = -Infinity;

  constructor(private readonly now: () => number = monotonic) {}

  /**
   * Counts a text.
   * @returns for how many milliseconds no more texts should be read
   */
  take(bytes: number): number {
    const now = this.now();
    const regained = (now - this.lastAt) * TEXTS_PER_MS;
    this.lastAt = now;
    this.used = Math.max(0, this.used - regained) + 1 + bytes / BYTES_PER_TEXT;
    if (this.used <= BURST_TEXTS) return 0;
    return Math.min(MAX_PAUSE_MS, Math.ceil(this.used / TEXTS_PER_MS));
  }
}
