import { randomFillSync } from 'node:crypto';
import { mask as nativeMask } from 'bufferutil';

/** Below this length, a call to native code costs more than masking in JavaScript. */
const NATIVE_FROM_BYTES = 96;

/** From this length on, masking four bytes at a time is worth the setup. */
const WORDS_FROM_BYTES = 64;

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
  if (length >= NATIVE_FROM_BYTES && hasNativeMask) {
    nativeMask(bytes.subarray(from, from + length), key, bytes, to, length);
  } else {
    maskWithoutNativeCode(bytes, from, length, key, to);
  }
};

/** Like {@link maskInPlace}, in JavaScript only. */
export const maskWithoutNativeCode: Masking = (bytes, from, length, key, to) => {
  if (length < WORDS_FROM_BYTES) {
    const shift = from - to;
    for (let out = to; out < to + length; out += 1) {
      bytes[out] = bytes[out + shift]! ^ key[(out - to) & 3]!;
    }
    return;
  }
  if (from !== to) bytes.copyWithin(to, from, from + length);
  maskWords(bytes, to, length, key);
};

function maskWords(bytes: Buffer, from: number, length: number, key: Buffer): void {
  const maskByte = (at: number): void => {
    bytes[at] = bytes[at]! ^ key[(at - from) & 3]!;
  };
  let at = from;
  while ((bytes.byteOffset + at) % WORD_BYTES !== 0) maskByte(at++);
  const turned = Uint8Array.from([0, 1, 2, 3], index => key[(at - from + index) & 3]!);
  const word = new Int32Array(turned.buffer)[0]!;
  const wordCount = Math.floor((from + length - at) / WORD_BYTES);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, wordCount);
  for (let index = 0; index < wordCount; index += 1) words[index] = words[index]! ^ word;
  at += wordCount * WORD_BYTES;
  while (at < from + length) maskByte(at++);
}
