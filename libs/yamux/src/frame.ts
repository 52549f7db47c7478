/**
 * Frames of yamux, version 0: https://github.com/hashicorp/yamux/blob/master/spec.md
 *
 * A header has 12 bytes, big-endian: version (1), type (1), flags (2), stream id (4), length (4).
 * Only data frames carry bytes after it.
 */
export const HEADER_BYTES = 12;

export const TYPES = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 } as const;

export const FLAGS = { syn: 1, ack: 2, fin: 4, rst: 8 } as const;

/** Why a session ends, in a `goAway` frame. */
export const GO_AWAY = { normal: 0, protocolError: 1 } as const;

/** Bytes that may be sent on a stream before its first window update. */
export const INITIAL_WINDOW_BYTES = 256 * 1024;

export interface FrameHeader {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  /**
   * The number of bytes that follow, the increment of a window, a ping's value, or the reason of a
   * `goAway`.
   */
  readonly length: number;
}

/** The peer violated the protocol. */
export class YamuxError extends Error {
  override readonly name = 'YamuxError';
}

export function encodeHeader(
  type: number,
  flags: number,
  streamId: number,
  length: number,
): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt8(0, 0);
  header.writeUInt8(type, 1);
  header.writeUInt16BE(flags, 2);
  header.writeUInt32BE(streamId, 4);
  header.writeUInt32BE(length, 8);
  return header;
}

export interface FrameHandler {
  /** @returns whether the bytes of a data frame are wanted */
  onHeader(header: FrameHeader): boolean;
  /** Bytes of the current data frame, as they arrive. */
  onBytes(header: FrameHeader, bytes: Buffer): void;
  /** All bytes of a data frame have been read; also called for empty data frames. */
  onEnd(header: FrameHeader): void;
}

/** Parses frames from chunks that may be split anywhere. Only an incomplete header is held. */
export class FrameReader {
  private readonly partial = Buffer.allocUnsafe(HEADER_BYTES);
  private partialBytes = 0;
  private current: FrameHeader | undefined;
  private isWanted = false;
  private left = 0;

  constructor(private readonly handler: FrameHandler) {}

  /** @throws {YamuxError} from the handler, or for an invalid frame */
  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.current) {
        const bytes = chunk.subarray(at, at + this.left);
        at += bytes.length;
        this.left -= bytes.length;
        if (this.isWanted) this.handler.onBytes(this.current, bytes);
        if (this.left === 0) this.end(this.current);
      } else {
        const copied = chunk.copy(this.partial, this.partialBytes, at, at + this.missingBytes);
        at += copied;
        this.partialBytes += copied;
        if (this.missingBytes === 0) this.begin();
      }
    }
  }

  private get missingBytes(): number {
    return HEADER_BYTES - this.partialBytes;
  }

  private begin(): void {
    this.partialBytes = 0;
    const { partial } = this;
    const version = partial.readUInt8(0);
    const header = {
      type: partial.readUInt8(1),
      flags: partial.readUInt16BE(2),
      streamId: partial.readUInt32BE(4),
      length: partial.readUInt32BE(8),
    };
    if (version !== 0) throw new YamuxError(`version ${version} is not known`);
    if (header.type > TYPES.goAway) throw new YamuxError(`frame type ${header.type} is not known`);
    this.isWanted = this.handler.onHeader(header);
    if (header.type !== TYPES.data) return;
    this.left = header.length;
    this.current = header;
    if (this.left === 0) this.end(header);
  }

  private end(header: FrameHeader): void {
    this.current = undefined;
    if (this.isWanted) this.handler.onEnd(header);
  }
}
