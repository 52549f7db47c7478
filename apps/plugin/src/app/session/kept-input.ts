/** Typed while there is no connection: pages of text. Beyond that the user has to wait. */
export const MAX_HELD_BYTES = 64 * 1024;

/**
 * Input that the service has not acknowledged, counted in bytes since the session began. What is
 * typed while there is no connection is held here, and is sent when there is one.
 */
export class KeptInput {
  private chunks: Uint8Array<ArrayBuffer>[] = [];
  /** Where the first chunk begins. */
  private start = 0;
  private end = 0;
  private sentTo = 0;

  /** @param isPlaced whether what is added first is the session's first input, and not that of a reload */
  constructor(private isPlaced = true) {}

  /** Bytes that no connection has taken yet. */
  get held(): number {
    return this.end - this.sentTo;
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.end - this.start;
  }

  /** Keeps what is sent right away. */
  sent(bytes: Uint8Array<ArrayBuffer>): void {
    this.add(bytes);
    this.sentTo = this.end;
  }

  /** @returns whether there was room for all of it; otherwise nothing is held */
  hold(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.held + bytes.length > MAX_HELD_BYTES) return false;
    this.add(bytes);
    return true;
  }

  /** Forgets what no connection has taken. */
  discardHeld(): void {
    while (this.end > this.sentTo) {
      const last = this.chunks.pop()!;
      const kept = Math.max(0, last.length - (this.end - this.sentTo));
      this.end -= last.length - kept;
      if (kept > 0) this.chunks.push(last.slice(0, kept));
    }
  }

  /** The service has everything before this byte, which may be more than this page knows of. */
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

  /** Everything that was not acknowledged, to be sent over a new connection. */
  rest(): readonly Uint8Array<ArrayBuffer>[] {
    this.sentTo = this.end;
    return this.chunks;
  }

  /** What was typed since the reload follows what the service had before. */
  private placeAt(bytes: number): void {
    this.isPlaced = true;
    this.end += bytes - this.start;
    this.sentTo += bytes - this.start;
    this.start = bytes;
  }

  private add(bytes: Uint8Array<ArrayBuffer>): void {
    // A copy: whoever typed it may change it.
    this.chunks.push(bytes.slice());
    this.end += bytes.length;
  }
}
