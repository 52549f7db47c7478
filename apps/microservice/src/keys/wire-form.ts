/** Values as SSH writes them (RFC 4251 5). */
export const wireForm = {
  uint32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  },

  string(content: Buffer | string): Buffer {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return Buffer.concat([wireForm.uint32(bytes.length), bytes]);
  },

  strings(contents: readonly (Buffer | string)[]): Buffer {
    return Buffer.concat(contents.map(wireForm.string));
  },

  /** The content of an mpint: no needless zeros in front, one where the first bit is set. */
  positive(number: Buffer): Buffer {
    const first = number.findIndex(byte => byte !== 0);
    if (first === -1) return Buffer.alloc(0);
    const bare = number.subarray(first);
    return bare[0]! < 0x80 ? bare : Buffer.concat([Buffer.alloc(1), bare]);
  },
};
