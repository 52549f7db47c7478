/** A window that is dragged sends 60 sizes a second, and one that draws a flood as many reports. */
const TEXTS_PER_MS = 1;

/** Texts that a peer may send at once. One read of 64 KiB may hold 10,000; the pause makes up for it. */
const BURST_TEXTS = 500;

/** Reading a long text takes as long as reading this many bytes of short ones. */
const BYTES_PER_TEXT = 256;

/** A sender that is paused for longer could be taken for dead. */
const MAX_PAUSE_MS = 5_000;

/** One function for all, because there is one of these per connection. */
const monotonic = (): number => performance.now();

/** How many text frames a peer may send: 1,000 a second, and 500 at once. */
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
