import type { Derive } from '../derivation/derivation';
import type { PrivateKey } from '../keys/private-key';
import { createDecipheriv, createHash, type CipherGCMTypes } from 'node:crypto';
import { wrongPassphrase } from '../wire/key-errors';

/** A private key as it was read. */
export interface ReadPrivateKey {
  readonly key: PrivateKey;
  readonly comment: string;
  /** Whether it came protected with a passphrase. */
  readonly encrypted: boolean;
}

/** What opens a protected key. */
export interface Opener {
  /** Empty where none was given. */
  readonly passphrase: string;
  readonly derive: Derive;
}

/** Decrypts without authentication. @throws RemoteAccessError `passphrase-needed` on bad padding */
export function decrypt(
  cipher: string,
  key: Buffer,
  iv: Buffer | null,
  bytes: Buffer,
  padding: 'padded' | 'bare' = 'bare',
): Buffer {
  const decipher = createDecipheriv(cipher, key, iv).setAutoPadding(padding === 'padded');
  try {
    return Buffer.concat([decipher.update(bytes), decipher.final()]);
  } catch {
    // OpenSSL's words are about padding; what a person did is to enter another passphrase.
    throw wrongPassphrase('another');
  }
}

/** As {@link decrypt}, with a tag that tells a wrong key. */
export function decryptAuthenticated(
  cipher: CipherGCMTypes,
  key: Buffer,
  iv: Buffer,
  bytes: Buffer,
  tag: Buffer,
): Buffer {
  const decipher = createDecipheriv(cipher, key, iv, { authTagLength: tag.length }).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(bytes), decipher.final()]);
  } catch {
    // The tag does not fit.
    throw wrongPassphrase('another');
  }
}

/** EVP_BytesToKey with MD5 and one round: what `DEK-Info` files use. */
export function traditionalKey(passphrase: string, salt: Buffer, length: number): Buffer {
  let key = Buffer.alloc(0);
  let last = Buffer.alloc(0);
  while (key.length < length) {
    last = createHash('md5').update(last).update(passphrase).update(salt).digest();
    key = Buffer.concat([key, last]);
  }
  return key.subarray(0, length);
}
