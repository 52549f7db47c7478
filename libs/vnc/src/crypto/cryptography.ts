/** The primitives that sign-in methods need. node-cryptography.ts implements them with Node. */
export interface Cryptography {
  randomBytes(length: number): Uint8Array;
  md5(data: Uint8Array): Uint8Array;
  /** SHA-1 or SHA-256. */
  sha(bits: 1 | 256, ...parts: readonly Uint8Array[]): Uint8Array;
  /** Single DES without padding. The key has 8 bytes; DES ignores the lowest bit of each. */
  desEcb(key: Uint8Array, data: Uint8Array): Uint8Array;
  desCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  /**
   * AES without padding, 128 or 256 bits depending on the key's length. Blocks are encrypted
   * independently, so one cipher can be used for any number of them.
   */
  aesEcb(key: Uint8Array): (blocks: Uint8Array) => Uint8Array;
  aesCbc(key: Uint8Array, data: Uint8Array): Uint8Array;
  aesCtr(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** RSA with PKCS #1 v1.5 padding. */
  rsaEncrypt(key: RsaPublicKey, data: Uint8Array): Uint8Array;
  /** Takes a few hundred milliseconds, on another thread. */
  makeRsaKey(bits: number): Promise<RsaKey>;
}

export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

export interface RsaKey extends RsaPublicKey {
  /** Returns the decrypted number with its padding. */
  decrypt(data: Uint8Array): Uint8Array;
}
