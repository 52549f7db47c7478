/**
 * Limit of input typed while there is no connection: several pages of text. Beyond it the user has
 * to wait.
 */
export const MAX_HELD_BYTES = 64 * 1024;

/**
 * Input that the service has not acknowledged, counted in bytes since the session began. Input
 * typed while there is no connection is held here and sent on the next one.
 */
export class KeptInput {
  private chunks: Uint8Array<ArrayBuffer>[] = [];
  /** Offset of the first chunk. */
  private start = 0;
  private end = 0;
  private sentTo = 0;

  /**
   * @param isPlaced whether the first input added is the session's first, rather than the first
   *   since a reload
   */
  constructor(private isPlaced = true) {}

  /** Bytes that have not been sent on any connection yet. */
  get held(): number {
    return this.end - this.sentTo;
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.end - this.start;
  }

  /** Keeps input that is sent immediately. */
  sent(bytes: Uint8Array<ArrayBuffer>): void {
    this.add(bytes);
    this.sentTo = this.end;
  }

  /** @returns whether there was room for all of it; otherwise none of it is held */
  hold(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.held + bytes.length > MAX_HELD_BYTES) return false;
    this.add(bytes);
    return true;
  }

  /** Discards input that has not been sent on any connection. */
  discardHeld(): void {
    while (this.end > this.sentTo) {
      const last = this.chunks.pop()!;
      const kept = Math.max(0, last.length - (this.end - this.sentTo));
      this.end -= last.length - kept;
      if (kept > 0) this.chunks.push(last.slice(0, kept));
    }
  }

  /**
   * The service has received everything before this offset, which may be more than this page knows
   * of.
   */
  acknowledge(bytes: number): void {
    if (!this.isPlaced) this.placeAt(bytes);
    while (this.start < bytes && this.chunks.length > 0) {
      const [first] = this.chunks as [Uint8Array<ArrayBuffer>];
      const done = Math.min(first.length, bytes - this.start);
      this.start += done;
      if (done === first.length) this.chunks.shift();
      else this.chunks[0] = first.slice(done);
    }
    if (bytes <= this.end) return;
    [this.start, this.end, this.sentTo] = [bytes, bytes, bytes];
  }

  /** Everything that was not acknowledged, to be sent on a new connection. */
  rest(): readonly Uint8Array<ArrayBuffer>[] {
    this.sentTo = this.end;
    return this.chunks;
  }

  /** Input typed since the reload follows what the service had received before. */
  private placeAt(bytes: number): void {
    this.isPlaced = true;
    this.end += bytes - this.start;
    this.sentTo += bytes - this.start;
    this.start = bytes;
  }

  private add(bytes: Uint8Array<ArrayBuffer>): void {
    // A copy, because the caller may modify the buffer.
    this.chunks.push(bytes.slice());
    this.end += bytes.length;
  }
}
