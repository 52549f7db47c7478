/** Big-endian bytes of a key as a number, and how many bits it takes. */
export const bigNumber = {
  of(bytes: Buffer): bigint {
    return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
  },

  bits(bytes: Buffer): number {
    const first = bytes.findIndex(byte => byte !== 0);
    if (first === -1) return 0;
    return (bytes.length - first) * 8 - (Math.clz32(bytes[first]!) - 24);
  },
};
