import { createCipheriv, randomBytes } from 'node:crypto';
import type { Cryptography } from './cryptography';

/** What the ways to sign in compute with, by Node's OpenSSL. */
export const NODE_CRYPTOGRAPHY: Cryptography = {
  randomBytes,

  // OpenSSL 3 refuses single DES: triple DES with three times the same key is the same.
  desEcb: (key, data) => {
    const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null);
    return cipher.setAutoPadding(false).update(data);
  },
};
