import { createDecipheriv, type CipherGCMTypes } from 'node:crypto';
import type { Derive } from '../derivation/derivation';
import type { PrivateKey } from '../keys/private-key';
import { wrongPassphrase } from '../wire/key-errors';

export interface ParsedPrivateKey {
  readonly key: PrivateKey;
  readonly comment: string;
  /** Whether the file was protected with a passphrase. */
  readonly encrypted: boolean;
  /** Whether its line breaks had been lost. */
  readonly repaired?: boolean;
}

export interface DecryptionOptions {
  /** May be empty. */
  readonly passphrase: string;
  readonly derive: Derive;
}

/** Decrypts without authentication. @throws RemoteAccessError `passphrase-needed` on bad padding */
export function decrypt(
  cipher: string,
  key: Buffer,
  iv: Buffer | null,
  bytes: Buffer,
  padding: 'padded' | 'unpadded' = 'unpadded',
): Buffer {
  const decipher = createDecipheriv(cipher, key, iv).setAutoPadding(padding === 'padded');
  try {
    return Buffer.concat([decipher.update(bytes), decipher.final()]);
  } catch {
    // OpenSSL reports bad padding; the cause is a wrong passphrase.
    throw wrongPassphrase();
  }
}

/** Like {@link decrypt}, with an authentication tag, which detects every wrong key. */
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
    throw wrongPassphrase();
  }
}
