/**
 * Output that may be in flight to a client that acknowledges what it has rendered. A full window is
 * what still arrives after Ctrl+C: a terminal in a browser renders 10 to 20 MB/s, so 256 KiB take
 * 13 to 26 ms. It also limits throughput: 256 KiB per round trip of 50 ms are 5 MB/s, more than
 * anyone can read.
 */
export const OUTPUT_WINDOW_BYTES = 256 * 1024;

export interface OutputWindowOwner {
  /** Output is waiting for the client to render what it has received. */
  onNotRendered(): void;
}

/**
 * Decides whether more output may be sent. A client may hold all output (`flow`), or acknowledge
 * how much it has rendered (`ack`); from then on at most one window beyond that is sent.
 */
export class OutputWindow {
  private sentBytes = 0;
  private drawnBytes: number | undefined;
  private held = false;
  private over = false;
  private waiting: (() => void) | undefined;

  constructor(
    private readonly windowBytes = OUTPUT_WINDOW_BYTES,
    private readonly owner?: OutputWindowOwner,
  ) {}

  /** Bytes sent so far. */
  get sent(): number {
    return this.sentBytes;
  }

  /** The client has everything before this offset, and acknowledges what follows. */
  startAt(bytes: number): void {
    this.sentBytes = bytes;
    this.drawnBytes = bytes;
  }

  /**
   * @param write called once there is room, now or later. There is one pending write at a time:
   *   calling the method again drops the earlier one
   */
  whenOpen(bytes: number, write: () => void): void {
    if (this.take(bytes)) return write();
    this.waiting = () => {
      this.sentBytes += bytes;
      write();
    };
    this.owner?.onNotRendered();
  }

  /** @returns whether there is room now; if so, the bytes are counted as sent */
  take(bytes: number): boolean {
    if (!this.isOpen) return false;
    this.sentBytes += bytes;
    return true;
  }

  /**
   * @param bytes rendered since the start of the session
   * @returns whether the value is possible; others are ignored
   */
  drawn(bytes: number): boolean {
    if (bytes > this.sentBytes || bytes < (this.drawnBytes ?? 0)) return false;
    this.drawnBytes = bytes;
    this.release();
    return true;
  }

  hold(): void {
    this.held = true;
  }

  go(): void {
    this.held = false;
    this.release();
  }

  /** The session has ended: the remaining output is sent without a limit. */
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
