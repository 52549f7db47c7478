import { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

/** Bytes that wait in each direction before the other end is slowed down. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;

export interface WebSocketDuplexOptions {
  /** Called for each text frame. Without it a text frame destroys the stream. */
  readonly onText?: (text: string) => void;
  /** Bytes read ahead while nobody reads the stream. */
  readonly readAheadBytes?: number;
  /** Close code sent when the stream ends. */
  readonly closeCode?: () => { code: number; reason: string };
}

/** A text frame came where only binary ones may. */
export class TextFrameError extends Error {
  override readonly name = 'TextFrameError';
}

/**
 * A WebSocket as a byte stream: binary messages in and out, their borders without meaning.
 *
 * - Reading: while the stream is full the socket is paused. Messages that `ws` has already parsed
 *   out of the last chunk still arrive, so that at most one chunk (64 KiB) comes on top.
 * - Writing: a write is done when the socket has taken it.
 * - Ending: what was written is flushed, then the close frame goes out; the socket is destroyed
 *   without waiting for the other end's answer for longer than `ws` itself would be trusted with.
 */
export class WebSocketDuplex extends Duplex {
  private closing = false;

  constructor(
    readonly socket: WebSocket,
    private readonly options: WebSocketDuplexOptions = {},
  ) {
    super({
      readableHighWaterMark: options.readAheadBytes ?? HIGH_WATER_MARK_BYTES,
      writableHighWaterMark: HIGH_WATER_MARK_BYTES,
      allowHalfOpen: true,
    });
    socket.binaryType = 'nodebuffer';
    socket.on('message', this.onMessage);
    socket.on('close', this.onClose);
    socket.on('error', this.onError);
  }

  override _read(): void {
    if (this.socket.isPaused) this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.socket.readyState !== this.socket.OPEN) {
      done(new Error('WebSocket is not open'));
      return;
    }
    this.socket.send(chunk, { binary: true, compress: false }, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.close();
    done();
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.socket.off('message', this.onMessage);
    this.close();
    this.socket.resume();
    done(cause);
  }

  private close(): void {
    if (this.closing) return;
    this.closing = true;
    const { code, reason } = this.options.closeCode?.() ?? { code: 1000, reason: '' };
    this.socket.close(code, reason);
  }

  private readonly onMessage = (data: RawData, isBinary: boolean): void => {
    if (isBinary) {
      if (!this.push(data as Buffer)) this.socket.pause();
    } else if (this.options.onText) {
      this.options.onText((data as Buffer).toString('utf8'));
    } else {
      this.destroy(new TextFrameError('A text frame arrived where only binary ones may'));
    }
  };

  private readonly onClose = (): void => {
    this.closing = true;
    this.push(null);
    // Bytes that were read before the close still belong to the reader.
    if (this.readableEnded || this.destroyed) this.destroy();
    else this.once('end', () => this.destroy());
  };

  private readonly onError = (cause: Error): void => {
    this.destroy(cause);
  };
}
