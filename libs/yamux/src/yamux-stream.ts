import { Duplex } from 'node:stream';
import { FLAGS, INITIAL_WINDOW_BYTES, TYPES, YamuxError } from './frame';

/** Longer writes are split into several frames, so that other streams get their turn. */
const MAX_FRAME_BYTES = 64 * 1024;

/** A peer that grants more is faulty, or is trying to cause an overflow. */
const MAX_WINDOW_BYTES = 2 ** 31;

/** The window may grow to this size if the reader keeps the stream empty. */
const MAX_GROWN_WINDOW_BYTES = 2 * 1024 * 1024;

/** The session, as its streams see it. */
export interface StreamHost {
  sendControl(type: number, flags: number, streamId: number, length: number): void;
  sendData(streamId: number, bytes: Buffer): void;
  /** The stream has something to send. */
  enqueue(stream: YamuxStream): void;
  /** @returns whether a window may grow by this many bytes */
  reserve(bytes: number): boolean;
  /** The stream is closed; its window had grown by this many bytes. */
  forget(stream: YamuxStream, grownBytes: number): void;
}

/** The peer reset the stream, or could not open it. */
export class StreamResetError extends Error {
  override readonly name = 'StreamResetError';

  constructor() {
    super('The other side has reset the stream');
  }
}

/**
 * A stream of a session: bytes in both directions, with a window for each direction and half-close.
 * The reader's pace decides when the peer may send more, so at most one window is held.
 */
export class YamuxStream extends Duplex {
  private sendWindow = INITIAL_WINDOW_BYTES;
  /** Bytes that the peer may still send. */
  private receiveWindow = INITIAL_WINDOW_BYTES;
  private windowBytes = INITIAL_WINDOW_BYTES;
  /**
   * Bytes of frames whose header has been received: they count against the window but have not been
   * read.
   */
  private announcedBytes = 0;
  private unsent: { bytes: Buffer; done: (error?: Error | null) => void } | undefined;
  private isFinSent = false;
  private isFinReceived = false;
  private isSessionOver = false;
  private isCut = false;

  constructor(
    private readonly host: StreamHost,
    readonly id: number,
  ) {
    super({ readableHighWaterMark: INITIAL_WINDOW_BYTES, allowHalfOpen: true });
  }

  /** Whether the session ended before the peer had ended this stream. */
  get wasCut(): boolean {
    return this.isCut;
  }

  /** Whether there is pending data that the peer accepts. */
  get canSend(): boolean {
    return this.unsent !== undefined && this.sendWindow > 0 && !this.destroyed;
  }

  /** Sends one frame. */
  sendNext(): void {
    const { unsent } = this;
    if (!unsent) return;
    const length = Math.min(unsent.bytes.length, this.sendWindow, MAX_FRAME_BYTES);
    this.sendWindow -= length;
    this.host.sendData(this.id, unsent.bytes.subarray(0, length));
    if (length < unsent.bytes.length) {
      unsent.bytes = unsent.bytes.subarray(length);
    } else {
      this.unsent = undefined;
      unsent.done();
    }
  }

  /** @throws {YamuxError} if the sum exceeds the maximum window */
  widen(bytes: number): void {
    this.sendWindow += bytes;
    if (this.sendWindow > MAX_WINDOW_BYTES) throw new YamuxError('a window is too large');
    if (this.canSend) this.host.enqueue(this);
  }

  /**
   * The header of a frame with this many bytes has arrived. @throws {YamuxError} if they exceed the
   * window
   */
  announce(bytes: number): void {
    if (bytes > this.receiveWindow || (bytes > 0 && this.isFinReceived)) {
      throw new YamuxError(`${bytes} bytes were sent where ${this.receiveWindow} are allowed`);
    }
    this.receiveWindow -= bytes;
    this.announcedBytes += bytes;
  }

  receive(bytes: Buffer): void {
    this.announcedBytes -= bytes.length;
    if (this.destroyed) return;
    this.push(bytes);
    this.credit();
  }

  receiveEnd(): void {
    if (this.isFinReceived) return;
    this.isFinReceived = true;
    if (!this.destroyed) this.push(null);
  }

  reset(): void {
    this.isFinSent = true;
    this.isFinReceived = true;
    this.destroy(new StreamResetError());
  }

  /** Received data can still be read; further writes are discarded. */
  abandon(): void {
    this.isSessionOver = true;
    this.isCut = !this.isFinReceived;
    this.once('end', () => this.destroy());
    this.receiveEnd();
  }

  override _read(): void {
    this.credit();
  }

  /** Node does not call `_read` again while it waits for bytes. */
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    if (chunk !== null) this.credit();
    return chunk;
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.isSessionOver || bytes.length === 0) {
      done();
      return;
    }
    this.unsent = { bytes, done };
    if (this.canSend) this.host.enqueue(this);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: string }[],
    done: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.sendFlag(FLAGS.fin);
    this.isFinSent = true;
    done();
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    if (!this.isFinSent || !this.isFinReceived) this.sendFlag(FLAGS.rst);
    this.isFinSent = true;
    this.isFinReceived = true;
    this.unsent = undefined;
    this.host.forget(this, this.windowBytes - INITIAL_WINDOW_BYTES);
    done(cause);
  }

  private sendFlag(flag: number): void {
    if (!this.isSessionOver) this.host.sendControl(TYPES.windowUpdate, flag, this.id, 0);
  }

  /** Lets the peer send as much as was read, and more if the reader keeps the stream empty. */
  private credit(): void {
    if (this.isFinReceived || this.isSessionOver || this.destroyed) return;
    const unreadBytes = this.announcedBytes + this.readableLength;
    const readBytes = this.windowBytes - this.receiveWindow - unreadBytes;
    if (readBytes < this.windowBytes / 2) return;
    let grant = readBytes;
    const canGrow = this.readableLength === 0 && this.windowBytes < MAX_GROWN_WINDOW_BYTES;
    if (canGrow && this.host.reserve(this.windowBytes)) {
      grant += this.windowBytes;
      this.windowBytes *= 2;
    }
    this.receiveWindow += grant;
    this.host.sendControl(TYPES.windowUpdate, 0, this.id, grant);
  }
}
