import { randomFillSync } from 'node:crypto';
import { mask as nativeMask } from 'bufferutil';

/** RFC 6455, section 5.2. */
export const OPCODES = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export const FIN_BIT = 0x80;
export const MASK_BIT = 0x80;

/** Values of the 7-bit length field that announce a longer one. */
export const LENGTH_16 = 126;
export const LENGTH_64 = 127;

/** RFC 6455, section 5.5. */
export const MAX_CONTROL_BYTES = 125;

/** Two bytes, a 64-bit length and a mask. */
export const MAX_HEADER_BYTES = 14;

/**
 * The peer violated the protocol.
 * @param closeCode the code with which RFC 6455, section 7.4.1, says to close
 */
export class FrameError extends Error {
  override readonly name = 'FrameError';

  constructor(
    message: string,
    readonly closeCode: 1002 | 1007 | 1008 | 1009,
  ) {
    super(message);
  }
}

/**
 * The header of an unfragmented frame.
 * @param mask four bytes; clients mask what they send, servers do not (RFC 6455, section 5.1)
 */
export function frameHeader(opcode: number, length: number, mask?: Buffer): Buffer {
  const lengthBytes = length < LENGTH_16 ? 0 : length <= 0xffff ? 2 : 8;
  const header = Buffer.allocUnsafe(2 + lengthBytes + (mask ? mask.length : 0));
  const maskBit = mask ? MASK_BIT : 0;
  header[0] = FIN_BIT | opcode;
  if (lengthBytes === 0) {
    header[1] = maskBit | length;
  } else if (lengthBytes === 2) {
    header[1] = maskBit | LENGTH_16;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = maskBit | LENGTH_64;
    header.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    header.writeUInt32BE(length >>> 0, 6);
  }
  mask?.copy(header, 2 + lengthBytes);
  return header;
}

/** Codes that a close frame may carry, RFC 6455, section 7.4. */
export function isCloseCode(code: number): boolean {
  const isRegistered =
    code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  return isRegistered || (code >= 3000 && code <= 4999);
}

/** Below this length, a call to native code costs more than masking in JavaScript. */
export const NATIVE_FROM_BYTES = 512;

const WORD_BYTES = 4;

export type Masking = (
  bytes: Buffer,
  from: number,
  length: number,
  key: Buffer,
  to: number,
) => void;

/**
 * Getting random bytes takes longer than masking 16 KiB, so they are generated for many frames at
 * once.
 */
const masks = Buffer.allocUnsafeSlow(1024 * WORD_BYTES);
let masksUsedBytes = masks.length;

/**
 * A mask that cannot be predicted (RFC 6455, section 5.3).
 *
 * @returns four bytes in a shared buffer that is overwritten later: use them for one frame,
 *   immediately
 */
export function nextMask(): Buffer {
  if (masksUsedBytes === masks.length) {
    randomFillSync(masks);
    masksUsedBytes = 0;
  }
  const mask = masks.subarray(masksUsedBytes, masksUsedBytes + WORD_BYTES);
  masksUsedBytes += WORD_BYTES;
  return mask;
}

/** The mask as it applies to a payload from its byte `at` on. */
export function turnedMask(mask: Buffer, at: number): Buffer {
  const shift = at % WORD_BYTES;
  return shift === 0 ? mask : Buffer.concat([mask.subarray(shift), mask.subarray(0, shift)]);
}

/** Without a prebuilt binary `bufferutil` falls back to a byte-by-byte loop; ours is faster. */
const hasNativeMask = Function.prototype.toString.call(nativeMask).includes('[native code]');

/**
 * Masks or unmasks `length` bytes at `from` and moves them to `to` in the same buffer (RFC 6455,
 * section 5.3).
 *
 * @param key the four bytes of the mask, the first of which belongs to the byte at `from`
 * @param to `from`, or a lower position
 */
export const maskInPlace: Masking = (bytes, from, length, key, to) => {
  if (length < NATIVE_FROM_BYTES) maskWithoutNativeCode(bytes, from, length, key, to);
  else maskLong(bytes, bytes.buffer, bytes.byteOffset + from, length, key, to);
};

/**
 * Like {@link maskInPlace}, for callers that mask many long payloads in one buffer: asking a `Buffer`
 * for its memory, or for a part of itself, takes as long as masking half a kilobyte.
 *
 * @param memory the memory that `bytes` lies in
 * @param at where the payload begins in `memory`
 */
export function maskLong(
  bytes: Buffer,
  memory: ArrayBufferLike,
  at: number,
  length: number,
  key: Buffer,
  to: number,
): void {
  if (hasNativeMask) nativeMask(new Uint8Array(memory, at, length), key, bytes, to, length);
  else maskWithoutNativeCode(bytes, at - bytes.byteOffset, length, key, to);
}

/** Like {@link maskInPlace}, in JavaScript only. */
export const maskWithoutNativeCode: Masking = (bytes, from, length, key, to) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  maskWords(view, from, length, key.readInt32LE(0), to);
};

/**
 * Masks like {@link maskInPlace}, a word at a time. A `DataView` reads and writes words at any
 * position as fast as an aligned array.
 *
 * @param word the four bytes of the mask, the first one in the lowest byte
 */
export function maskWords(
  view: DataView,
  from: number,
  length: number,
  word: number,
  to: number,
): void {
  const end = from + length;
  let at = from;
  let out = to;
  for (; at + 4 * WORD_BYTES <= end; at += 4 * WORD_BYTES, out += 4 * WORD_BYTES) {
    const first = view.getInt32(at, true) ^ word;
    const second = view.getInt32(at + 4, true) ^ word;
    const third = view.getInt32(at + 8, true) ^ word;
    const fourth = view.getInt32(at + 12, true) ^ word;
    // `out` may lie just below `at`, so all four are read before the first is written.
    view.setInt32(out, first, true);
    view.setInt32(out + 4, second, true);
    view.setInt32(out + 8, third, true);
    view.setInt32(out + 12, fourth, true);
  }
  for (; at + WORD_BYTES <= end; at += WORD_BYTES, out += WORD_BYTES) {
    view.setInt32(out, view.getInt32(at, true) ^ word, true);
  }
  for (let bits = 0; at < end; at += 1, out += 1, bits += 8) {
    view.setUint8(out, view.getUint8(at) ^ (word >>> bits));
  }
}
