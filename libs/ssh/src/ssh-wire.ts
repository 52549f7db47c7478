/** How values stand in SSH messages (RFC 4251 5). */
export const sshWire = {
  uint32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  },

  /** Each with its length before it. */
  strings(values: readonly (string | Buffer)[]): Buffer {
    return Buffer.concat(
      values.flatMap(value => {
        const bytes = Buffer.from(value as string);
        return [sshWire.uint32(bytes.length), bytes];
      }),
    );
  },
};
