import { Duplex } from 'node:stream';
import { type TextFrameOwner, TextFrames } from './text-frames';

/** Bytes that are buffered while nobody reads. */
const READ_AHEAD_BYTES = 64 * 1024;

/**
 * Two reads of 64 KiB: one that was handed to the socket counts until the next turn, and must not
 * stop the next one.
 */
const WRITE_BUFFER_BYTES = 128 * 1024;

/**
 * How long the peer may take to answer the close frame before the socket is terminated. Some agents
 * never answer; waiting for them costs only a file descriptor.
 */
const CLOSE_GRACE_MS = 5_000;

/** Memory that a buffered chunk takes in addition to its bytes. */
export const CHUNK_OVERHEAD_BYTES = 256;

/** Below this size, copying a message costs less than keeping it as a separate chunk. */
const SMALL_MESSAGE_BYTES = 2 * 1024;

/**
 * The part of a WebSocket that a stream uses; implemented by `ws` and by `FramedConnection` of
 * libs/relay.
 */
export interface MessageSocket {
  readonly readyState: number;
  readonly OPEN: number;
  readonly isPaused: boolean;
  /** Bytes that have not been handed to the network yet. */
  readonly bufferedAmount: number;
  /** Memory held by an incomplete message; absent if unknown. */
  readonly unfinishedBytes?: number;
  /** Whether `read` is emitted after the messages of each chunk. */
  readonly reportsReads?: boolean;
  send(data: string | Buffer, done?: (error?: Error | null) => void): void;
  /** One message whose bytes lie in several pieces; `ws` has no such thing. */
  sendPieces?(pieces: readonly Buffer[], done?: (error?: Error | null) => void): void;
  /** Combines several messages in one system call. */
  cork?(): void;
  uncork?(): void;
  pause(): void;
  resume(): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on: Listening;
  off: Listening;
}

interface Listening {
  (event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  (event: 'close', listener: (code: number) => void): unknown;
  (event: 'error', listener: (cause: Error) => void): unknown;
  (event: 'read' | 'ping' | 'pong', listener: () => void): unknown;
}

export interface WebSocketDuplexOptions {
  /**
   * Receives the text frames, as far as {@link TextFrames} lets them through. If absent, a text
   * frame destroys the stream. Gets the stream, so that many streams can share their options.
   */
  readonly onText?: (text: string, stream: WebSocketDuplex) => void;
  /** Bytes that are buffered while nobody reads the stream. */
  readonly readAheadBytes?: number;
  /** Longer writes are sent in several messages. */
  readonly maxMessageBytes?: number;
  /** Close code sent when the stream ends. */
  readonly closeCode?: (stream: WebSocketDuplex) => { code: number; reason: string };
}

/** Reads a stream without its events; see {@link WebSocketDuplex.readBy}. */
export interface ChunkReader {
  read(stream: WebSocketDuplex, chunk: Buffer): void;
}

export interface HeldBytesWatcher {
  /** Something was received or sent, so {@link WebSocketDuplex.heldBytes} may have changed. */
  heldBytesChanged(): void;
}

/** Where a socket's listeners find the stream. */
const STREAM = Symbol('stream');

type Found = MessageSocket & { [STREAM]?: WebSocketDuplex };

export class TextFrameError extends Error {
  override readonly name = 'TextFrameError';
}

/**
 * A WebSocket as a byte stream of binary messages; message boundaries have no meaning.
 *
 * - Reading: the socket is paused while the stream is full. Messages that the socket has
 *   already parsed still arrive, so the limit is exceeded by at most one chunk (64 KiB).
 * - Writing: a write completes when the socket has accepted it. Queued writes are combined into one
 *   message.
 * - Both queues can be passed by while they are empty: {@link WebSocketDuplex.readBy} and
 *   {@link WebSocketDuplex.forward}.
 * - Ending: what was written is sent, then the close frame. A WebSocket has no half-close: the
 *   other direction ends as soon as the peer answers.
 */
export class WebSocketDuplex extends Duplex implements TextFrameOwner {
  private receivedBytes = 0;
  /** Handed to the socket, which reports in the next turn at the earliest that it has taken them. */
  private handedBytes = 0;
  private takenBytes = 0;
  private receivedMessages = 0;
  private peerCloseCode: number | undefined;
  /** Created by the first text. */
  private texts: TextFrames | undefined;
  /** Messages of the read that is currently being parsed. */
  private arrived: Buffer[] | undefined;
  private reader: ChunkReader | undefined;
  /** The first message of a read has been passed to the reader; the others are combined. */
  private hasPassedFirst = false;
  private closing = false;
  private graceTimer: NodeJS.Timeout | undefined;
  private isHeld = false;
  private heldBytesWatcher: HeldBytesWatcher | undefined;
  private chunksSinceEmpty = 0;

  constructor(
    readonly socket: MessageSocket,
    private readonly options: WebSocketDuplexOptions = {},
  ) {
    super({
      readableHighWaterMark: options.readAheadBytes ?? READ_AHEAD_BYTES,
      writableHighWaterMark: WRITE_BUFFER_BYTES,
      allowHalfOpen: true,
    });
    // All streams share the same listener functions: there are thousands of streams, mostly idle.
    const found: Found = socket;
    found[STREAM] = this;
    socket.on('message', onMessage);
    socket.on('close', onClose);
    socket.on('error', onError);
    socket.on('read', onRead);
  }

  /** Memory that this connection holds: the incomplete message, unread bytes and unsent bytes. */
  get heldBytes(): number {
    return this.unfinishedBytes + this.unreadBytes + this.unsentBytes;
  }

  /** Bytes written that the system has not accepted yet. */
  get unsentBytes(): number {
    return Math.max(this.writableLength, this.socket.bufferedAmount);
  }

  /** Memory held by the incomplete message; 0 if unknown. */
  get unfinishedBytes(): number {
    return this.socket.unfinishedBytes ?? 0;
  }

  watchHeldBytes(watcher: HeldBytesWatcher): void {
    this.heldBytesWatcher = watcher;
  }

  /**
   * While the stream flows and nothing is buffered, passes what arrives to the reader rather than to
   * the listeners of `data`. They receive the rest, so both are needed; there is no other listener.
   * @param reader `undefined` for none
   */
  readBy(reader: ChunkReader | undefined): void {
    this.reader = reader;
  }

  /**
   * Like `write`, and like it in order. Without the queue while that is empty: both queues of a
   * session together cost a keystroke as much as the rest of the service.
   * @returns false if nothing more should be written before `drain`
   */
  forward(chunk: Buffer): boolean {
    const { socket, writable, writableLength, writableCorked } = this;
    const isIdle = writable && writableLength === 0 && writableCorked === 0;
    const isReady = isIdle && socket.bufferedAmount === 0 && socket.readyState === socket.OPEN;
    if (!isReady || !this.takeRoom(chunk.length)) return this.write(chunk);
    this.handedBytes += chunk.length;
    this.takenBytes += chunk.length;
    this.sendMessages([chunk], chunk.length);
    return true;
  }

  /** Stops or continues reading the socket, regardless of the reader of the stream. */
  setHeld(isHeld: boolean): void {
    if (this.isHeld === isHeld) return;
    this.isHeld = isHeld;
    if (isHeld) this.socket.pause();
    else this.readOn();
  }

  /** Bytes received until the stream was destroyed, whether read or not. */
  get bytesIn(): number {
    return this.receivedBytes;
  }

  /** Bytes that the socket has accepted; they may not have arrived yet. */
  get bytesTaken(): number {
    return this.takenBytes;
  }

  /** Whether the system has accepted everything written, so that nothing refers to its memory. */
  get isFlushed(): boolean {
    const sentBytes = this.handedBytes - this.takenBytes;
    return this.writableLength === sentBytes && this.socket.bufferedAmount === 0;
  }

  /** Messages of any kind received until the stream was destroyed. */
  get messagesIn(): number {
    return this.receivedMessages;
  }

  /** Code of the peer's close frame, 1006 if there was none; `undefined` while open. */
  get closedWith(): number | undefined {
    return this.peerCloseCode;
  }

  override _read(): void {
    this.readOn();
  }

  /** Node does not call `_read` again while it waits for bytes. */
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    if (chunk !== null && this.socket.isPaused) this.readOn();
    return chunk;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.send(chunk, done);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: string }[],
    done: (error?: Error | null) => void,
  ): void {
    const pieces = chunks.map(({ chunk }) => chunk);
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const areLarge = bytes >= pieces.length * SMALL_MESSAGE_BYTES;
    if (areLarge && this.socket.sendPieces) this.sendPieces(pieces, bytes, done);
    else this.send(Buffer.concat(pieces, bytes), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.close();
    done();
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.socket.off('message', onMessage);
    this.socket.off('read', onRead);
    this.heldBytesWatcher = undefined;
    this.texts?.destroy();
    this.close();
    this.socket.resume();
    done(cause);
  }

  /** @returns whether there is room for bytes now; if so, they are counted as sent */
  protected takeRoom(_bytes: number): boolean {
    return true;
  }

  private send(chunk: Buffer, done: (error?: Error | null) => void): void {
    this.sendPieces([chunk], chunk.length, done);
  }

  private sendPieces(
    pieces: readonly Buffer[],
    bytes: number,
    done: (error?: Error | null) => void,
  ): void {
    if (this.socket.readyState !== this.socket.OPEN) {
      done(new Error('The WebSocket is closed'));
      return;
    }
    this.handedBytes += bytes;
    this.sendMessages(pieces, bytes, error => {
      this.takenBytes += bytes;
      done(error);
      this.heldBytesWatcher?.heldBytesChanged();
    });
  }

  /** In messages of the permitted length, with one system call. */
  private sendMessages(
    pieces: readonly Buffer[],
    bytes: number,
    done?: (error?: Error | null) => void,
  ): void {
    const { maxMessageBytes = Infinity } = this.options;
    if (bytes <= maxMessageBytes) return sendTo(this.socket, pieces, done);
    const { socket } = this;
    const messages = messagesOf(pieces, maxMessageBytes);
    const last = messages.pop()!;
    socket.cork?.();
    for (const message of messages) sendTo(socket, message);
    sendTo(socket, last, done);
    socket.uncork?.();
  }

  private close(): void {
    if (this.closing) return;
    this.closing = true;
    const { code, reason } = this.options.closeCode?.(this) ?? { code: 1000, reason: '' };
    this.socket.close(code, reason);
    this.graceTimer = setTimeout(() => this.socket.terminate(), CLOSE_GRACE_MS);
  }

  /**
   * Combines small messages of one read into one chunk, because each chunk takes more memory than
   * its bytes.
   */
  private pushArrived(): void {
    const { arrived } = this;
    if (!arrived || this.destroyed || this.readableEnded) return;
    this.arrived = undefined;
    const bytes = arrived.reduce((sum, { length }) => sum + length, 0);
    const areSmall = bytes < arrived.length * SMALL_MESSAGE_BYTES;
    for (const chunk of areSmall ? [Buffer.concat(arrived, bytes)] : arrived) {
      this.chunksSinceEmpty = this.readableLength === 0 ? 1 : this.chunksSinceEmpty + 1;
      this.push(chunk);
    }
    if (this.isFull) this.socket.pause();
  }

  /**
   * Whether what arrives may go to the reader without `push`. Without reports of reads, nothing would
   * tell which message is the first one of a read.
   */
  protected get mayPassOn(): boolean {
    if (!this.reader || this.hasPassedFirst || this.arrived || !this.socket.reportsReads)
      return false;
    const isFlowing = this.readableFlowing === true && this.readableLength === 0;
    return isFlowing && !this.destroyed && !this.readableEnded;
  }

  private get unreadBytes(): number {
    const { readableLength } = this;
    return readableLength && readableLength + this.chunksSinceEmpty * CHUNK_OVERHEAD_BYTES;
  }

  private get isFull(): boolean {
    return this.unreadBytes >= this.readableHighWaterMark;
  }

  /** Called by the socket's listeners, like the methods that follow. */
  messageReceived(data: Buffer, isBinary: boolean): void {
    this.receivedMessages += 1;
    if (isBinary) {
      this.receivedBytes += data.length;
      if (this.mayPassOn) {
        this.hasPassedFirst = true;
        this.reader!.read(this, data);
      } else if (this.arrived) {
        this.arrived.push(data);
      } else {
        this.arrived = [data];
        if (!this.socket.reportsReads) queueMicrotask(() => this.pushArrived());
      }
    } else if (this.options.onText) {
      this.pushArrived();
      this.texts ??= new TextFrames(this);
      this.texts.receive(data);
    } else {
      this.destroy(new TextFrameError('A text frame arrived where only binary ones may'));
    }
  }

  chunkRead(): void {
    this.hasPassedFirst = false;
    this.pushArrived();
    this.heldBytesWatcher?.heldBytesChanged();
  }

  socketFailed(cause: Error): void {
    this.destroy(cause);
  }

  socketClosed(code: number): void {
    this.peerCloseCode = code;
    clearTimeout(this.graceTimer);
    this.texts?.socketClosed();
    this.closing = true;
    if (this.readableEnded || this.destroyed) {
      this.destroy();
    } else {
      // The reader still gets what was buffered before the close.
      this.pushArrived();
      this.once('end', () => this.destroy());
      this.push(null);
    }
  }

  /** Called by the text frames, like the method that follows. */
  deliverText(text: string): void {
    this.options.onText?.(text, this);
  }

  readOn(): void {
    if (!this.socket.isPaused || this.isHeld || this.isFull) return;
    if (this.texts?.mayRead ?? true) this.socket.resume();
  }
}

/** Cuts what lies in several pieces into messages of at most `maxBytes`. */
function messagesOf(pieces: readonly Buffer[], maxBytes: number): (readonly Buffer[])[] {
  const messages: Buffer[][] = [];
  let roomBytes = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      if (roomBytes === 0) {
        messages.push([]);
        roomBytes = maxBytes;
      }
      const part = piece.subarray(at, at + roomBytes);
      messages.at(-1)!.push(part);
      at += part.length;
      roomBytes -= part.length;
    }
  }
  return messages;
}

function sendTo(
  socket: MessageSocket,
  pieces: readonly Buffer[],
  done?: (error?: Error | null) => void,
): void {
  const [first = Buffer.alloc(0)] = pieces;
  if (pieces.length <= 1) socket.send(first, done);
  else socket.sendPieces!(pieces, done);
}

function onMessage(this: Found, data: Buffer, isBinary: boolean): void {
  this[STREAM]!.messageReceived(data, isBinary);
}

function onRead(this: Found): void {
  this[STREAM]!.chunkRead();
}

function onClose(this: Found, code: number): void {
  this[STREAM]!.socketClosed(code);
}

function onError(this: Found, cause: Error): void {
  this[STREAM]!.socketFailed(cause);
}
