/** What the ways to sign in compute with; Node's part of it stands in node-cryptography.ts. */
export interface Cryptography {
  randomBytes(length: number): Uint8Array;
  /** Single DES without padding; the key has 8 bytes, of which DES ignores the lowest bits. */
  desEcb(key: Uint8Array, data: Uint8Array): Uint8Array;
}
