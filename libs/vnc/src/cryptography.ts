/** What the ways to sign in compute with; Node's part of it stands in node-cryptography.ts. */
export interface Cryptography {
  randomBytes(length: number): Uint8Array;
  md5(data: Uint8Array): Uint8Array;
  /** SHA-1 or SHA-256. */
  sha(bits: 1 | 256, ...parts: readonly Uint8Array[]): Uint8Array;
  /** Single DES without padding; the key has 8 bytes, of which DES ignores the lowest bits. */
  desEcb(key: Uint8Array, data: Uint8Array): Uint8Array;
  desCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** AES of 128 or 256 bits, as the key is long, without padding. */
  aesEcb(key: Uint8Array, data: Uint8Array): Uint8Array;
  aesCbc(key: Uint8Array, data: Uint8Array): Uint8Array;
  aesCtr(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** RSA with the padding of PKCS #1 v1.5. */
  rsaEncrypt(key: RsaPublicKey, data: Uint8Array): Uint8Array;
  /** Takes a few hundred milliseconds, in another thread. */
  makeRsaKey(bits: number): Promise<RsaKey>;
}

export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

export interface RsaKey extends RsaPublicKey {
  /** The number as it is, with its padding. */
  decrypt(data: Uint8Array): Uint8Array;
}
