/** VNC takes the bits of each byte of a DES key from the other end. */
export function mirroredBits(key: Uint8Array): Uint8Array {
  return key.map(byte => {
    let result = 0;
    for (let bit = 0; bit < 8; bit += 1) result |= ((byte >> bit) & 1) << (7 - bit);
    return result;
  });
}
