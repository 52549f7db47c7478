/** Terminal echoes are short, so the first segment of an idle session is small. */
const LEAST_SEGMENT_BYTES = 1024;
const MOST_SEGMENT_BYTES = 32 * 1024;

interface Segment {
  /** Its offset, in bytes since the session began. */
  readonly start: number;
  readonly bytes: Buffer;
  used: number;
}

/**
 * The last part of a session's output: what its client has not acknowledged, and the latest output
 * before that, from which another client rebuilds the screen. Bytes are copied, because a received
 * chunk may be a small slice of a large buffer.
 */
export class KeptOutput {
  private readonly segments: Segment[] = [];
  private end = 0;
  private segmentBytes = 0;
  private acknowledgedBytes = 0;

  /** @param tailBytes how much acknowledged output to keep */
  constructor(private readonly tailBytes: number) {}

  /** Bytes since the session began. */
  get total(): number {
    return this.end;
  }

  get unacknowledged(): number {
    return this.end - this.acknowledgedBytes;
  }

  /** The offset of the oldest byte that is still kept. */
  get oldest(): number {
    return this.segments[0]?.start ?? this.end;
  }

  get heldBytes(): number {
    return this.segmentBytes;
  }

  append(chunk: Buffer): void {
    const last = this.segments.at(-1);
    const room = last ? Math.min(last.bytes.length - last.used, chunk.length) : 0;
    if (last && room > 0) {
      chunk.copy(last.bytes, last.used, 0, room);
      last.used += room;
    }
    const rest = chunk.length - room;
    if (rest > 0) {
      const kept = this.end - this.oldest;
      const size = Math.min(Math.max(kept, LEAST_SEGMENT_BYTES), MOST_SEGMENT_BYTES);
      const bytes = Buffer.allocUnsafeSlow(Math.max(rest, size));
      chunk.copy(bytes, 0, room);
      this.segmentBytes += bytes.length;
      this.segments.push({ start: this.end + room, bytes, used: rest });
    }
    this.end += chunk.length;
    this.trim(this.tailBytes);
  }

  /** @param bytes received by the client since the session began; impossible values are ignored */
  acknowledge(bytes: number): void {
    if (bytes <= this.acknowledgedBytes || bytes > this.end) return;
    this.acknowledgedBytes = bytes;
    this.trim(this.tailBytes);
  }

  /** Frees output that is kept only to rebuild the screen elsewhere. */
  forgetTail(): void {
    this.trim(0);
  }

  /** @returns output from a position that is still kept, at least one byte if there is any */
  from(position: number): Buffer | undefined {
    for (let at = this.segments.length - 1; at >= 0; at -= 1) {
      const { start, bytes, used } = this.segments[at]!;
      if (position >= start + used) return undefined;
      if (position >= start) return bytes.subarray(position - start, used);
    }
    return undefined;
  }

  private trim(tailBytes: number): void {
    const needed = Math.min(this.acknowledgedBytes, this.end - tailBytes);
    while (this.segments.length > 0) {
      const { start, bytes, used } = this.segments[0]!;
      if (start + used > needed) return;
      this.segments.shift();
      this.segmentBytes -= bytes.length;
    }
  }
}
