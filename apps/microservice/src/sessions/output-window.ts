/**
 * Output that may be on its way to a client that tells what it has drawn. What is in the window is
 * what still comes after Ctrl+C: at the 10 to 20 MB/s that a terminal in a browser draws, 256 KiB
 * are 13 to 26 ms. It is also what a round trip can carry: 256 KiB at 50 ms are 5 MB/s, more than
 * anybody reads.
 */
export const OUTPUT_WINDOW_BYTES = 256 * 1024;

/**
 * Says whether more output may be sent. A client may hold it back altogether (`flow`), or tell how
 * much it has drawn (`ack`), from when on no more than a window is let out beyond that.
 */
export class OutputWindow {
  private sentBytes = 0;
  private drawnBytes: number | undefined;
  private held = false;
  private over = false;
  private waiting: (() => void) | undefined;

  constructor(private readonly windowBytes = OUTPUT_WINDOW_BYTES) {}

  /** Output that has been let out so far. */
  get sent(): number {
    return this.sentBytes;
  }

  /**
   * @param write is called when there is room, at once or later; never when {@link whenOpen} is
   * called again before, as there is one write at a time
   */
  whenOpen(bytes: number, write: () => void): void {
    const send = (): void => {
      this.sentBytes += bytes;
      write();
    };
    if (this.isOpen) send();
    else this.waiting = send;
  }

  /** @param bytes all that was drawn since the beginning; what cannot be is not believed */
  drawn(bytes: number): void {
    if (bytes > this.sentBytes || bytes < (this.drawnBytes ?? 0)) return;
    this.drawnBytes = bytes;
    this.release();
  }

  hold(): void {
    this.held = true;
  }

  go(): void {
    this.held = false;
    this.release();
  }

  /** From now on everything is let out: the session has ended, and what is left is little. */
  open(): void {
    this.over = true;
    this.release();
  }

  private get isOpen(): boolean {
    if (this.over) return true;
    if (this.held) return false;
    return this.drawnBytes === undefined || this.sentBytes - this.drawnBytes < this.windowBytes;
  }

  private release(): void {
    const { waiting } = this;
    if (!waiting || !this.isOpen) return;
    this.waiting = undefined;
    waiting();
  }
}
