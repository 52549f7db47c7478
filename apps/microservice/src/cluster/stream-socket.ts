import { constants, type Http2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { FORWARDED, type MemoryBudget, Reservation } from '../memory/memory-budget';
import type { ForwardedSocket, ReplicaId } from './cluster';

/**
 * Limit of unread bytes of one session between two replicas; other sessions are not blocked by
 * them.
 */
export const STREAM_WINDOW_BYTES = 256 * 1024;

/** Nothing is taken from the stream while anything is unread; the rest stays in its window. */
const READ_AHEAD_BYTES = 1;

/**
 * While nobody reads, chunks below this size are combined. Each takes hundreds of bytes besides its
 * own, and keeps the whole read of the connection that it came with: of one-byte frames, a window
 * would take more than 50 MB. Longer ones are not worth copying.
 */
const COMBINED_BELOW_BYTES = 4 * 1024;

/** The size of the chunks that they become. */
const COMBINED_BYTES = 16 * 1024;

/** Taken from the stream at once: as much as from a socket, because each chunk costs the same. */
const CHUNK_BYTES = 64 * 1024;

/** Bytes to send, in addition to the chunk that is being sent. */
const UNSENT_BYTES = 64 * 1024;

/**
 * What can be received while nobody reads: the window, what Node reads ahead of it (64 KiB, or 16
 * KiB in older versions), the last chunk, frames that have just begun, and what each chunk takes.
 */
export const UNREAD_BYTES = STREAM_WINDOW_BYTES + 192 * 1024;

/**
 * One stream of a connection between replicas, with the behaviour of a socket: what was written
 * before it is destroyed still arrives, and destroying it causes no error at the other end.
 *
 * While nobody reads it, the other replica may fill its window, which cannot be made smaller. That
 * is reserved as soon as reading stops. Without memory for it, the stream is closed.
 */
export class StreamSocket extends Duplex implements ForwardedSocket {
  private isWanted = false;
  private takenBytes = 0;
  private readonly unread: Reservation;
  private stopping: NodeJS.Immediate | undefined;
  private readonly append: (chunk: Buffer | null) => boolean;
  /** Small chunks that have arrived while nobody reads. */
  private combined: Buffer | undefined;
  private combinedBytes = 0;

  constructor(
    private readonly stream: Http2Stream & Duplex,
    readonly remoteAddress: string,
    memory: MemoryBudget,
    /** The replica to which the caller connected; '' if it is this one. */
    readonly forwardedBy: ReplicaId = '',
  ) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: READ_AHEAD_BYTES,
      writableHighWaterMark: UNSENT_BYTES,
    });
    this.unread = new Reservation(memory, FORWARDED);
    // Node appends what arrives with this method, and offers no other place to combine it.
    this.append = stream.push.bind(stream);
    stream.push = (chunk: Buffer | null) => this.arrived(chunk);
    stream.on('readable', this.deliver);
    stream.on('end', () => this.push(null));
    stream.on('close', () => this.destroy());
  }

  /** As with a socket: everything written, sent or not. */
  get bytesWritten(): number {
    return this.takenBytes + this.writableLength;
  }

  override _read(): void {
    this.isWanted = true;
    if (this.unread.bytes > 0) this.unread.tryResize(0);
    this.deliver();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.send(chunk, done);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: string }[],
    done: (error?: Error | null) => void,
  ): void {
    this.send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.stream.end(() => done());
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    const { NGHTTP2_NO_ERROR, NGHTTP2_CANCEL } = constants;
    this.stream.close(this.writableFinished ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
    // Discard further data, so that the stream can end.
    this.stream.off('readable', this.deliver);
    this.stream.push = this.append;
    this.appendCombined();
    this.stream.resume();
    clearImmediate(this.stopping);
    this.unread.release();
    done(cause);
  }

  private send(chunk: Buffer, done: (error?: Error | null) => void): void {
    this.stream.write(chunk, error => {
      this.takenBytes += chunk.length;
      done(error);
    });
  }

  /** @returns whether more may arrive */
  private arrived(chunk: Buffer | null): boolean {
    if (this.isWanted || chunk === null || chunk.length >= COMBINED_BELOW_BYTES) {
      this.appendCombined();
      return this.append(chunk);
    }
    if (this.combinedBytes + chunk.length > COMBINED_BYTES) this.appendCombined();
    this.combined ??= Buffer.allocUnsafeSlow(COMBINED_BYTES);
    this.combinedBytes += chunk.copy(this.combined, this.combinedBytes);
    return false;
  }

  private appendCombined(): void {
    const { combined, combinedBytes } = this;
    if (!combined) return;
    [this.combined, this.combinedBytes] = [undefined, 0];
    this.append(combined.subarray(0, combinedBytes));
  }

  private readonly deliver = (): void => {
    const { stream } = this;
    if (this.isWanted) this.appendCombined();
    while (this.isWanted) {
      const bytes = Math.min(stream.readableLength, CHUNK_BYTES);
      const chunk = stream.read(bytes || undefined) as Buffer | null;
      if (chunk === null) return;
      this.isWanted = this.push(chunk);
    }
    // Mostly it is read again in the same turn.
    this.stopping ??= setImmediate(this.reserve);
  };

  private readonly reserve = (): void => {
    this.stopping = undefined;
    if (this.isWanted || this.unread.bytes > 0) return;
    if (!this.unread.tryResize(UNREAD_BYTES)) this.destroy();
  };
}
