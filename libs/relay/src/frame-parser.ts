import { isUtf8 } from 'node:buffer';
import {
  FIN_BIT,
  FrameError,
  isCloseCode,
  LENGTH_16,
  LENGTH_64,
  MASK_BIT,
  MAX_CONTROL_BYTES,
  MAX_HEADER_BYTES,
  NATIVE_FROM_BYTES,
  OPCODES,
  maskInPlace,
  maskLong,
  maskWords,
} from './frame';

const RESERVED_BITS = 0x70;
const OPCODE_BITS = 0x0f;
const CONTROL_BIT = 0x08;

/** The first byte of a binary message in one frame. */
const WHOLE_MESSAGE = FIN_BIT | OPCODES.binary;

/** Memory that each buffered piece of a text takes in addition to its bytes. */
const PIECE_OVERHEAD_BYTES = 256;

export interface FrameHandler {
  /**
   * Payload of binary messages as it arrives: not assembled, and possibly from several messages.
   */
  onBytes(bytes: Buffer): void;
  /** A complete text message, valid UTF-8. */
  onText(text: Buffer): void;
  onPing(payload: Buffer): void;
  onPong(payload: Buffer): void;
  /** @param code 1005 if the close frame has none */
  onClose(code: number, reason: Buffer): void;
}

export interface FrameParserOptions {
  /** Whether the peer is a client, which must mask its frames (RFC 6455, section 5.1). */
  readonly expectsMask: boolean;
  /** Longer messages are refused with 1009, even if their bytes are handed on as they arrive. */
  readonly maxMessageBytes: number;
  /**
   * Maximum number of frames per message, and of pieces in which a text is received; more are
   * refused with 1008.
   */
  readonly maxPieces?: number | undefined;
}

const NOTHING: readonly number[] = [];

/**
 * The frame header that is being parsed: parsing is synchronous, so all parsers share the buffer.
 */
const HEADER = Buffer.allocUnsafeSlow(MAX_HEADER_BYTES);

/** The mask of the payload that is being unmasked. */
const KEY = Buffer.allocUnsafeSlow(4);

/** How the payload of the current frame is handled. */
type Payload = 'bytes' | 'text' | 'control';

/**
 * An incremental parser of frames (RFC 6455, section 5). Payload of binary messages is unmasked in
 * place and handed on at once; only text messages and control frames are assembled.
 *
 * A parser holds no buffer while no frame is incomplete: a few bytes from Node's pool would keep a
 * block of it in memory for as long as the connection lives.
 */
export class FrameParser {
  /** Frames of any kind whose header has been received. */
  framesIn = 0;
  /** Memory held by an incomplete text message. */
  unfinishedBytes = 0;

  private readonly expectsMask: boolean;
  private readonly maxMessageBytes: number;
  private readonly maxPieces: number;

  /** The part of an incomplete header that has been received. */
  private headerBegin: readonly number[] = NOTHING;

  /** The current frame, while `isInFrame`. */
  private isInFrame = false;
  private opcode: number = OPCODES.binary;
  private isFinal = true;
  private isMasked = false;
  /** The four bytes of the mask, the first one in the highest byte. */
  private mask = 0;
  private length = 0;
  private remaining = 0;
  private payload: Payload = 'bytes';

  /** The type of the message whose fragments are arriving; `undefined` between messages. */
  private message: 'bytes' | 'text' | undefined;
  private messageBytes = 0;
  private messagePieces = 0;
  private pieces: Buffer[] | undefined;
  private controlPieces: Buffer[] | undefined;

  /** Payload in the current chunk that has not been handed on yet. */
  private readyFrom = 0;
  private readyTo = 0;
  private isStopped = false;

  constructor(
    private readonly handler: FrameHandler,
    { expectsMask, maxMessageBytes, maxPieces = Infinity }: FrameParserOptions,
  ) {
    this.expectsMask = expectsMask;
    this.maxMessageBytes = maxMessageBytes;
    this.maxPieces = maxPieces;
  }

  /**
   * @param chunk the bytes received; they are modified and handed on
   * @throws FrameError if the peer violated the protocol, after everything before the violation was
   *   handed on
   */
  parse(chunk: Buffer): void {
    let at = 0;
    this.readyFrom = this.readyTo = 0;
    try {
      while (!this.isStopped && (at < chunk.length || (this.isInFrame && this.remaining === 0))) {
        if (this.isInFrame) at = this.readPayload(chunk, at);
        else if (chunk[at] === WHOLE_MESSAGE && this.mayReadWhole) at = this.readWhole(chunk, at);
        else at = this.readHeader(chunk, at);
      }
    } finally {
      this.handOn(chunk);
    }
  }

  /** Hands on nothing more, not even the rest of the current chunk. */
  stop(): void {
    this.isStopped = true;
    this.pieces = undefined;
    this.unfinishedBytes = 0;
  }

  private handOn(chunk: Buffer): void {
    const { readyFrom, readyTo } = this;
    if (readyTo === readyFrom || this.isStopped) return;
    this.readyFrom = this.readyTo;
    this.handler.onBytes(chunk.subarray(readyFrom, readyTo));
  }

  private get mayReadWhole(): boolean {
    return this.expectsMask && this.message === undefined && this.headerBegin.length === 0;
  }

  /**
   * Reads messages in one frame of less than 64 KiB that is complete in the chunk, without the state
   * that other frames need: of a flood of small messages, which is the most expensive one, all but
   * the last are. Anything else, and every violation, is left to the other methods.
   *
   * @returns the position after what was read
   */
  private readWhole(chunk: Buffer, from: number): number {
    const { buffer, byteOffset, length: end } = chunk;
    const view = new DataView(buffer, byteOffset, end);
    let at = from;
    while (at + MAX_HEADER_BYTES <= end && chunk[at] === WHOLE_MESSAGE) {
      const second = chunk[at + 1]!;
      let length = second & ~MASK_BIT;
      if (length === LENGTH_64 || (second & MASK_BIT) === 0) break;
      let begin = at + 6;
      if (length === LENGTH_16) {
        length = view.getUint16(at + 2);
        begin += 2;
      }
      if (begin + length > end || length > this.maxMessageBytes) break;
      if (this.readyTo === this.readyFrom) this.readyFrom = this.readyTo = begin;
      const word = view.getInt32(begin - 4, true);
      if (length < NATIVE_FROM_BYTES) {
        maskWords(view, begin, length, word, this.readyTo);
      } else {
        KEY.writeInt32LE(word, 0);
        maskLong(chunk, buffer, byteOffset + begin, length, KEY, this.readyTo);
      }
      this.readyTo += length;
      this.framesIn += 1;
      at = begin + length;
    }
    return at === from ? this.readHeader(chunk, at) : at;
  }

  /** @returns the position after what was read */
  private readHeader(chunk: Buffer, from: number): number {
    const { headerBegin } = this;
    const isWhole = headerBegin.length === 0 && chunk.length - from >= MAX_HEADER_BYTES;
    if (isWhole) return this.beginFrame(chunk, from);
    let known = 0;
    for (const byte of headerBegin) HEADER[known++] = byte;
    let at = from;
    while (known < headerLength(HEADER, known)) {
      if (at === chunk.length) {
        this.headerBegin = [...HEADER.subarray(0, known)];
        return at;
      }
      HEADER[known++] = chunk[at++]!;
    }
    this.headerBegin = NOTHING;
    this.beginFrame(HEADER, 0);
    return at;
  }

  /** @returns the position after the header */
  private beginFrame(bytes: Buffer, from: number): number {
    const first = bytes[from]!;
    const second = bytes[from + 1]!;
    let at = from + 2;
    let length = second & ~MASK_BIT;
    if (length === LENGTH_16) {
      length = bytes.readUInt16BE(at);
      at += 2;
    } else if (length === LENGTH_64) {
      length = bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
      at += 8;
    }
    this.isFinal = (first & FIN_BIT) !== 0;
    this.opcode = first & OPCODE_BITS;
    this.isMasked = (second & MASK_BIT) !== 0;
    this.length = this.remaining = length;
    if ((first & RESERVED_BITS) !== 0) throw broken('A reserved bit is set');
    if (this.isMasked !== this.expectsMask) {
      throw broken(this.isMasked ? 'A frame of a server is masked' : 'A frame is not masked');
    }
    if (this.isMasked) {
      this.mask = bytes.readInt32BE(at);
      at += 4;
    }
    this.framesIn += 1;
    this.payload = this.kindOfPayload();
    this.isInFrame = true;
    return at;
  }

  private kindOfPayload(): Payload {
    const { opcode, length } = this;
    if ((opcode & CONTROL_BIT) !== 0) {
      if (opcode > OPCODES.pong) throw broken(`Unknown opcode ${opcode}`);
      if (!this.isFinal) throw broken('A control frame is fragmented');
      if (length > MAX_CONTROL_BYTES) throw broken('A control frame is longer than 125 bytes');
      return 'control';
    }
    if (opcode > OPCODES.binary) throw broken(`Unknown opcode ${opcode}`);
    if (opcode === OPCODES.continuation) {
      if (!this.message) throw broken('A continuation without a message');
    } else {
      if (this.message) throw broken('A message begins before the last one has ended');
      this.message = opcode === OPCODES.text ? 'text' : 'bytes';
      this.messageBytes = 0;
      this.messagePieces = 0;
    }
    this.messageBytes += length;
    if (this.messageBytes > this.maxMessageBytes) {
      throw new FrameError(`A message is longer than ${this.maxMessageBytes} bytes`, 1009);
    }
    this.countPiece();
    return this.message;
  }

  /** @returns the position after what was read */
  private readPayload(chunk: Buffer, at: number): number {
    const bytes = Math.min(this.remaining, chunk.length - at);
    if (bytes > 0) {
      if (this.payload === 'bytes') {
        // Only headers lie between the payload that is ready and this one, so this one moves down.
        if (this.readyTo === this.readyFrom) this.readyFrom = this.readyTo = at;
        this.unmask(chunk, at, bytes, this.readyTo);
        this.readyTo += bytes;
      } else {
        this.unmask(chunk, at, bytes, at);
        this.keep(Buffer.from(chunk.subarray(at, at + bytes)));
      }
      this.remaining -= bytes;
    }
    if (this.remaining === 0) this.endFrame(chunk);
    return at + bytes;
  }

  private unmask(chunk: Buffer, from: number, bytes: number, to: number): void {
    if (this.isMasked) {
      // Rotated to align with the next byte of the payload.
      const bits = 8 * ((this.length - this.remaining) & 3);
      KEY.writeInt32BE((this.mask << bits) | (bits === 0 ? 0 : this.mask >>> (32 - bits)), 0);
      maskInPlace(chunk, from, bytes, KEY, to);
    } else if (from !== to) {
      chunk.copyWithin(to, from, from + bytes);
    }
  }

  private keep(piece: Buffer): void {
    if (this.payload === 'control') {
      (this.controlPieces ??= []).push(piece);
      return;
    }
    (this.pieces ??= []).push(piece);
    this.unfinishedBytes += piece.length + PIECE_OVERHEAD_BYTES;
    this.countPiece();
  }

  private countPiece(): void {
    this.messagePieces += 1;
    if (this.messagePieces <= this.maxPieces) return;
    throw new FrameError(`A message is in more than ${this.maxPieces} pieces`, 1008);
  }

  private endFrame(chunk: Buffer): void {
    this.isInFrame = false;
    if (this.payload === 'control') {
      const payload = joined(this.controlPieces);
      this.controlPieces = undefined;
      this.handOn(chunk);
      this.endControl(payload);
      return;
    }
    if (!this.isFinal) return;
    const isText = this.message === 'text';
    this.message = undefined;
    if (!isText) return;
    const text = joined(this.pieces);
    this.pieces = undefined;
    this.unfinishedBytes = 0;
    if (!isUtf8(text)) throw new FrameError('A text is not UTF-8', 1007);
    this.handOn(chunk);
    if (!this.isStopped) this.handler.onText(text);
  }

  private endControl(payload: Buffer): void {
    if (this.isStopped) return;
    if (this.opcode === OPCODES.ping) this.handler.onPing(payload);
    else if (this.opcode === OPCODES.pong) this.handler.onPong(payload);
    else this.endClose(payload);
  }

  private endClose(payload: Buffer): void {
    if (payload.length === 0) return this.handler.onClose(1005, payload);
    const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
    if (!isCloseCode(code)) throw broken('A close frame has an invalid code');
    const reason = payload.subarray(2);
    if (!isUtf8(reason)) throw new FrameError('The reason of a close frame is not UTF-8', 1007);
    this.handler.onClose(code, reason);
  }
}

/** Length of the header that begins with `bytes`, as far as the first `known` bytes tell. */
function headerLength(bytes: Buffer, known: number): number {
  if (known < 2) return 2;
  const second = bytes[1]!;
  const length = second & ~MASK_BIT;
  const lengthBytes = length === LENGTH_16 ? 2 : length === LENGTH_64 ? 8 : 0;
  return 2 + lengthBytes + ((second & MASK_BIT) !== 0 ? 4 : 0);
}

function joined(pieces: readonly Buffer[] = []): Buffer {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

function broken(message: string): FrameError {
  return new FrameError(message, 1002);
}
