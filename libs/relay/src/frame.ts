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
