import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CompactEmitter } from './compact-emitter';
import { FrameError, frameHeader, OPCODES, maskInPlace, nextMask, turnedMask } from './frame';
import { type FrameHandler, FrameParser } from './frame-parser';

/**
 * How long the peer may take to answer the close frame, and then to close the connection. Some
 * agents never do either; waiting for them costs only a file descriptor.
 */
const CLOSE_GRACE_MS = 5_000;

/** RFC 6455, section 7.1.5: no close frame was received. */
const ABNORMAL_CLOSURE = 1006;

/** Up to this length, copying a payload to its header costs less than writing both separately. */
const COPIED_UP_TO_BYTES = 1024;

export interface FramedConnectionOptions {
  /** Clients mask what they send. */
  readonly role: 'client' | 'server';
  /** Negotiated subprotocol, or ''. */
  readonly protocol: string;
  /**
   * A client masks messages in place rather than in a copy, so the caller must not reuse buffers
   * that it sends. This saves a third of the cost of sending.
   */
  readonly masksInPlace?: boolean;
  /** Bytes that were received after the handshake. */
  readonly head?: Buffer;
  /** A longer message of the peer is refused with close code 1009. */
  readonly maxMessageBytes: number;
  /** A message in more pieces is refused with close code 1008. */
  readonly maxPieces?: number;
  /** Who forwards the connection, if the peer has not connected directly. */
  readonly relayedBy?: string | undefined;
  /** The reason in a close frame that rejects what the peer sent. */
  readonly closeReason?: (code: number) => string;
}

/** What TCP and TLS sockets have in addition to streams. */
type SocketMembers = 'setNoDelay' | 'setTimeout' | 'bytesWritten';

/**
 * Where the transport's listeners find the connection: all connections share the same listener
 * functions.
 */
const CONNECTION = Symbol('connection');

type Transport = Duplex &
  Partial<Pick<Socket, SocketMembers>> & { [CONNECTION]?: FramedConnection };

interface ConnectionEvents {
  /** Binary data as it arrives, not in whole messages; or a complete text. */
  message: [data: Buffer, isBinary: boolean];
  ping: [payload: Buffer];
  pong: [payload: Buffer];
  /** The peer violated the protocol; `close` follows. */
  error: [cause: FrameError];
  /**
   * The connection is closed. 1006 if no close frame was received, 1005 if it contained no code.
   */
  close: [code: number, reason: Buffer];
  /** A chunk has been parsed and handed on. */
  read: [];
}

/**
 * One end of a WebSocket (RFC 6455) on a connection whose handshake is done. It has the methods and
 * events of a `WebSocket` of `ws` that a byte stream needs, with one difference: binary messages
 * are handed on as their bytes arrive and are never assembled. Extensions are not supported.
 *
 * Once paused, nothing more is read; the rest of a chunk (at most 64 KiB) is still handed on.
 */
export class FramedConnection extends CompactEmitter<ConnectionEvents> implements FrameHandler {
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly reportsReads = true;

  /** Negotiated subprotocol, or ''. */
  readonly protocol: string;
  /** Who forwards the connection; `undefined` if the peer has connected directly. */
  readonly relayedBy: string | undefined;
  private state: 1 | 2 | 3 = 1;
  private readonly parser: FrameParser;
  private readonly masking: 'none' | 'in-place' | 'in-a-copy';
  private readonly closeReason: FramedConnectionOptions['closeReason'];
  private wasCloseSent = false;
  private closeFrame: { code: number; reason: Buffer } | undefined;
  private graceTimer: NodeJS.Timeout | undefined;
  private isReadingStopped = false;
  /** The latest ping, if it could not be answered yet because the peer does not read. */
  private duePong: Buffer | undefined;

  /**
   * What an idle connection holds is most of the memory that thousands of idle sessions take, so it
   * creates no closures, and keeps only the options that it needs.
   */
  constructor(
    private readonly transport: Transport,
    options: FramedConnectionOptions,
  ) {
    super({
      message: undefined,
      ping: undefined,
      pong: undefined,
      error: undefined,
      close: undefined,
      read: undefined,
    });
    const { role, protocol, head, masksInPlace, maxMessageBytes, maxPieces } = options;
    this.protocol = protocol;
    this.relayedBy = options.relayedBy;
    this.masking = role === 'server' ? 'none' : masksInPlace ? 'in-place' : 'in-a-copy';
    this.closeReason = options.closeReason;
    const expectsMask = role === 'server';
    this.parser = new FrameParser(this, { expectsMask, maxMessageBytes, maxPieces });
    transport.setTimeout?.(0);
    transport.setNoDelay?.();
    // First, because a flowing stream emits it at once.
    if (head?.length) transport.unshift(head);
    transport[CONNECTION] = this;
    transport.on('data', onData);
    transport.on('end', onEnd);
    transport.on('close', onTransportClose);
    transport.on('error', onTransportError);
    transport.on('drain', onDrain);
  }

  get readyState(): number {
    return this.state;
  }

  get isPaused(): boolean {
    return this.isReadingStopped;
  }

  /** Bytes that have not been handed to the network yet. */
  get bufferedAmount(): number {
    return this.transport.writableLength;
  }

  /** Bytes that have been handed to the network so far. */
  get takenBytes(): number {
    return (this.transport.bytesWritten ?? 0) - this.transport.writableLength;
  }

  /** Frames of any kind received so far: each is a sign of life. */
  get framesIn(): number {
    return this.parser.framesIn;
  }

  /** Memory held by an incomplete text message. */
  get unfinishedBytes(): number {
    return this.parser.unfinishedBytes;
  }

  pause(): void {
    this.isReadingStopped = true;
    this.transport.pause();
  }

  resume(): void {
    this.isReadingStopped = false;
    this.transport.resume();
  }

  /**
   * Sends a message in one frame: text or bytes.
   * @param done called when the network has accepted it, or with the error
   */
  send(data: string | Buffer, done?: (error?: Error | null) => void): void {
    if (typeof data !== 'string') this.sendPieces([data], done);
    else this.sendMessage(OPCODES.text, [Buffer.from(data)], done);
  }

  /** Sends bytes that lie in several pieces as one message, without copying them together. */
  sendPieces(pieces: readonly Buffer[], done?: (error?: Error | null) => void): void {
    this.sendMessage(OPCODES.binary, pieces, done);
  }

  /** Combines several messages in one system call. */
  cork(): void {
    this.transport.cork();
  }

  uncork(): void {
    this.transport.uncork();
  }

  /**
   * The ping has no payload: cumulocity-agents-linux writes a ping's payload into its TCP stream.
   */
  ping(): void {
    if (this.state === this.OPEN) this.sendFrame(OPCODES.ping);
  }

  /** Sends a close frame after everything that was sent, and waits for the peer's. */
  close(code = 1000, reason: string | Buffer = ''): void {
    if (this.wasCloseSent || this.state === this.CLOSED) return;
    this.state = this.CLOSING;
    this.wasCloseSent = true;
    const text = Buffer.from(reason);
    const payload = Buffer.allocUnsafe(2 + text.length);
    payload.writeUInt16BE(code, 0);
    text.copy(payload, 2);
    // RFC 6455, section 7.4.1: 1005 must not be sent; the answer contains no code.
    this.sendFrame(OPCODES.close, code === 1005 ? [] : [payload]);
    if (this.closeFrame) this.transport.end();
    this.graceTimer ??= setTimeout(() => this.terminate(), CLOSE_GRACE_MS);
  }

  /** Ends the connection without a close frame. */
  terminate(): void {
    this.transport.destroy();
  }

  private sendMessage(
    opcode: number,
    payload: readonly Buffer[],
    done?: (error?: Error | null) => void,
  ): void {
    if (this.state === this.OPEN) this.sendFrame(opcode, payload, done);
    else done?.(new Error('The WebSocket is closed'));
  }

  private sendFrame(
    opcode: number,
    payload: readonly Buffer[] = [],
    done?: (error?: Error | null) => void,
  ): void {
    const { transport } = this;
    if (transport.destroyed || transport.writableEnded) {
      done?.(new Error('The connection is closed'));
      return;
    }
    const length = payload.reduce((sum, piece) => sum + piece.length, 0);
    const mask = this.masking === 'none' ? undefined : nextMask();
    const header = frameHeader(opcode, length, mask);
    if (length <= COPIED_UP_TO_BYTES) {
      const frame = Buffer.concat([header, ...payload], header.length + length);
      if (mask) maskInPlace(frame, header.length, length, mask, header.length);
      transport.write(frame, done);
      return;
    }
    const pieces = mask ? this.masked(payload, mask) : payload;
    transport.cork();
    transport.write(header);
    pieces.forEach((piece, index) =>
      transport.write(piece, index === pieces.length - 1 ? done : undefined),
    );
    transport.uncork();
  }

  private masked(payload: readonly Buffer[], mask: Buffer): readonly Buffer[] {
    const pieces =
      this.masking === 'in-a-copy' ? payload.map(piece => Buffer.from(piece)) : payload;
    let at = 0;
    for (const piece of pieces) {
      maskInPlace(piece, 0, piece.length, turnedMask(mask, at), 0);
      at += piece.length;
    }
    return pieces;
  }

  /** Called by the transport's listeners, like the methods that follow. */
  received(chunk: Buffer): void {
    try {
      this.parser.parse(chunk);
    } catch (cause) {
      if (!(cause instanceof FrameError)) throw cause;
      this.parser.stop();
      this.close(cause.closeCode, this.closeReason?.(cause.closeCode) ?? '');
      this.emit('error', cause);
      return;
    }
    this.emit('read');
  }

  /** RFC 6455, section 5.5.3: only the latest of several pings needs an answer. */
  drained(): void {
    const { duePong } = this;
    this.duePong = undefined;
    if (duePong && this.state === this.OPEN) this.sendFrame(OPCODES.pong, [duePong]);
  }

  /** The peer has closed its direction, so nothing can be confirmed to it any more. */
  endReceived(): void {
    if (this.state === this.OPEN) this.state = this.CLOSING;
    this.transport.end();
    this.graceTimer ??= setTimeout(() => this.terminate(), CLOSE_GRACE_MS);
  }

  transportClosed(): void {
    clearTimeout(this.graceTimer);
    this.state = this.CLOSED;
    this.parser.stop();
    const { code, reason } = this.closeFrame ?? { code: ABNORMAL_CLOSURE, reason: Buffer.alloc(0) };
    this.emit('close', code, reason);
  }

  /** Called by the parser, like the methods that follow. */
  onBytes(bytes: Buffer): void {
    this.emit('message', bytes, true);
  }

  onText(text: Buffer): void {
    this.emit('message', text, false);
  }

  onPing(payload: Buffer): void {
    this.emit('ping', payload);
    this.duePong = payload;
    if (!this.transport.writableNeedDrain) this.drained();
  }

  onPong(payload: Buffer): void {
    this.emit('pong', payload);
  }

  onClose(code: number, reason: Buffer): void {
    this.parser.stop();
    this.closeFrame = { code, reason };
    if (this.wasCloseSent) this.transport.end();
    else this.close(code, reason);
  }
}

function onData(this: Transport, chunk: Buffer): void {
  this[CONNECTION]!.received(chunk);
}

function onEnd(this: Transport): void {
  this[CONNECTION]!.endReceived();
}

function onDrain(this: Transport): void {
  this[CONNECTION]!.drained();
}

function onTransportClose(this: Transport): void {
  this[CONNECTION]!.transportClosed();
}

function onTransportError(): void {
  // The transport's error needs no handling: `close` follows.
}
