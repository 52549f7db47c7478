import {
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Cryptography, RsaKey } from './cryptography';

const NO_IV = Buffer.alloc(16);

/** What the ways to sign in compute with, by Node's OpenSSL. */
export const NODE_CRYPTOGRAPHY: Cryptography = {
  randomBytes,
  md5: data => createHash('md5').update(data).digest(),
  sha: (bits, ...parts) => {
    const hash = createHash(bits === 1 ? 'sha1' : 'sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  // OpenSSL 3 refuses single DES: triple DES with three times the same key is the same.
  desEcb: (key, data) => encipher('des-ede3-ecb', Buffer.concat([key, key, key]), null, data),
  desCbc: (key, iv, data) => encipher('des-ede3-cbc', Buffer.concat([key, key, key]), iv, data),
  aesEcb: (key, data) => encipher(`aes-${key.length * 8}-ecb`, key, null, data),
  aesCbc: (key, data) => encipher(`aes-${key.length * 8}-cbc`, key, NO_IV, data),
  aesCtr: (key, iv, data) => encipher(`aes-${key.length * 8}-ctr`, key, iv, data),
  rsaEncrypt: ({ modulus, exponent }, data) => {
    const jwk = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, data);
  },
  makeRsaKey: async (bits): Promise<RsaKey> => {
    const { publicKey, privateKey } = await makeKeyPair('rsa', { modulusLength: bits });
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
    return {
      modulus: Buffer.from(n, 'base64url'),
      exponent: Buffer.from(e, 'base64url'),
      // Node refuses to take the padding away; the key serves once, so nothing can be learnt by it.
      decrypt: data => privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, data),
    };
  },
};

const makeKeyPair = promisify(generateKeyPair);

function encipher(
  algorithm: string,
  key: Uint8Array,
  iv: Uint8Array | null,
  data: Uint8Array,
): Uint8Array {
  return createCipheriv(algorithm, key, iv).setAutoPadding(false).update(data);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
