import { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

/** Bytes that wait in each direction before the other end is slowed down. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;

/**
 * How long the other end has to answer our close frame, once all before it has been sent. Agents
 * exist that never answer; nothing but a file descriptor waits for them.
 */
const CLOSE_GRACE_MS = 5_000;

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
 * - Writing: a write is done when the socket has taken it; small ones that pile up share a message.
 * - Ending: what was written is sent, then the close frame. A WebSocket has no half-close: the
 *   other direction ends as soon as the other end answers.
 */
export class WebSocketDuplex extends Duplex {
  private receivedBytes = 0;
  private receivedMessages = 0;
  private peerCloseCode: number | undefined;
  private closing = false;
  private graceTimer: NodeJS.Timeout | undefined;

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

  /** Bytes that have come from the other end, read or not, until the stream was destroyed. */
  get bytesIn(): number {
    return this.receivedBytes;
  }

  /** Messages of any kind that have come until then: signs of life. */
  get messagesIn(): number {
    return this.receivedMessages;
  }

  /** Code of the other end's close frame, 1006 where there was none; `undefined` while it is open. */
  get closedWith(): number | undefined {
    return this.peerCloseCode;
  }

  override _read(): void {
    if (this.socket.isPaused) this.socket.resume();
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
    this.close();
    done();
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.socket.off('message', this.onMessage);
    this.close();
    this.socket.resume();
    done(cause);
  }

  private send(chunk: Buffer, done: (error?: Error | null) => void): void {
    if (this.socket.readyState === this.socket.OPEN) {
      this.socket.send(chunk, { binary: true, compress: false }, done);
    } else {
      done(new Error('The WebSocket is closed'));
    }
  }

  private close(): void {
    if (this.closing) return;
    this.closing = true;
    const { code, reason } = this.options.closeCode?.() ?? { code: 1000, reason: '' };
    this.socket.close(code, reason);
    this.graceTimer = setTimeout(() => this.socket.terminate(), CLOSE_GRACE_MS);
  }

  private readonly onMessage = (data: RawData, isBinary: boolean): void => {
    this.receivedMessages += 1;
    if (isBinary) {
      this.receivedBytes += (data as Buffer).length;
      if (!this.push(data)) this.socket.pause();
    } else if (this.options.onText) {
      this.options.onText((data as Buffer).toString('utf8'));
    } else {
      this.destroy(new TextFrameError('A text frame arrived where only binary ones may'));
    }
  };

  private readonly onClose = (code: number): void => {
    this.peerCloseCode = code;
    clearTimeout(this.graceTimer);
    this.closing = true;
    if (this.readableEnded || this.destroyed) {
      this.destroy();
    } else {
      // Bytes that were read before the close still belong to the reader.
      this.once('end', () => this.destroy());
      this.push(null);
    }
  };

  private readonly onError = (cause: Error): void => {
    this.destroy(cause);
  };
}
