/**
 * Rendered bytes between two acknowledgements: an eighth of the service's window (docs/wire.md), so
 * that a flood never waits for an acknowledgement and an echo costs none.
 */
const ACK_EVERY_BYTES = 32 * 1024;

/**
 * The session ends if more output is waiting to be rendered. This happens only if a service ignores
 * the window. xterm.js drops output above 50 MB, and ending with a reason is better than a screen
 * with gaps.
 */
const MAX_UNDRAWN_BYTES = 32 * 1024 * 1024;

/** Counts the output received and rendered, and acknowledges it so that the service sends more. */
export class FlowControl {
  private receivedBytes = 0;
  private drawnBytes = 0;
  private acknowledgedBytes = 0;

  constructor(private readonly acknowledge: (bytes: number) => void) {}

  /** Bytes of output that the page has received, rendered or not. */
  get receivedTotal(): number {
    return this.receivedBytes;
  }

  /** Bytes of output that have been rendered. */
  get drawnTotal(): number {
    return this.drawnBytes;
  }

  /**
   * On a new connection: the service sends output from this offset on; anything before it that the
   * page lacks is lost.
   */
  continueAt(bytes: number): void {
    this.drawnBytes += Math.max(0, bytes - this.receivedBytes);
    this.receivedBytes = Math.max(bytes, this.receivedBytes);
  }

  /**
   * Reports how much has been rendered. The service applies its window only to clients that
   * acknowledge, so this comes first on each connection.
   */
  report(): void {
    this.acknowledgedBytes = this.drawnBytes;
    this.acknowledge(this.drawnBytes);
  }

  /** @returns false if too much output is waiting to be rendered */
  received(bytes: number): boolean {
    this.receivedBytes += bytes;
    return this.receivedBytes - this.drawnBytes <= MAX_UNDRAWN_BYTES;
  }

  hasDrawn(bytes: number): void {
    this.drawnBytes += bytes;
    if (this.drawnBytes - this.acknowledgedBytes < ACK_EVERY_BYTES) return;
    this.acknowledgedBytes = this.drawnBytes;
    this.acknowledge(this.drawnBytes);
  }
}
