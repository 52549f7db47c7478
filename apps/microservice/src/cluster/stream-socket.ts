import { constants, type Http2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import type { ForwardedSocket } from './cluster';

/** Bytes read ahead from the stream; the rest stays in its window. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;

/**
 * One stream of a connection between replicas, with the behaviour of a socket: what was written
 * before it is destroyed still arrives, and destroying it causes no error at the other end.
 */
export class StreamSocket extends Duplex implements ForwardedSocket {
  readonly isForwarded = true;
  private isWanted = false;
  private takenBytes = 0;

  constructor(
    private readonly stream: Http2Stream & Duplex,
    readonly remoteAddress: string,
  ) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: HIGH_WATER_MARK_BYTES,
      writableHighWaterMark: HIGH_WATER_MARK_BYTES,
    });
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
    this.stream.resume();
    done(cause);
  }

  private send(chunk: Buffer, done: (error?: Error | null) => void): void {
    this.stream.write(chunk, error => {
      this.takenBytes += chunk.length;
      done(error);
    });
  }

  private readonly deliver = (): void => {
    while (this.isWanted) {
      const chunk = this.stream.read() as Buffer | null;
      if (chunk === null) return;
      this.isWanted = this.push(chunk);
    }
  };
}
