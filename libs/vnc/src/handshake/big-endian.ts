/** Numbers in RFB messages are big-endian (RFC 6143, section 7). */
export const BIG_ENDIAN = {
  uint8: (value: number): Uint8Array => Uint8Array.of(value),

  uint16: (value: number): Uint8Array => Uint8Array.of(value >>> 8, value),

  uint32: (value: number): Uint8Array =>
    Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value),

  readUint16: (bytes: Uint8Array, at = 0): number => viewOf(bytes).getUint16(at),

  readUint32: (bytes: Uint8Array, at = 0): number => viewOf(bytes).getUint32(at),
} as const;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
