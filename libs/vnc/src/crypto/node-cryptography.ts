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

export const NODE_CRYPTOGRAPHY: Cryptography = {
  randomBytes,
  md5: data => createHash('md5').update(data).digest(),
  sha: (bits, ...parts) => {
    const hash = createHash(bits === 1 ? 'sha1' : 'sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  // OpenSSL 3 refuses single DES. Triple DES with the same key three times is equivalent.
  desEcb: (key, data) => encrypt('des-ede3-ecb', Buffer.concat([key, key, key]), null, data),
  desCbc: (key, iv, data) => encrypt('des-ede3-cbc', Buffer.concat([key, key, key]), iv, data),
  aesEcb: key => {
    const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    return blocks => cipher.update(blocks);
  },
  aesCbc: (key, data) => encrypt(`aes-${key.length * 8}-cbc`, key, NO_IV, data),
  aesCtr: (key, iv, data) => encrypt(`aes-${key.length * 8}-ctr`, key, iv, data),
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
      // Node refuses PKCS #1 v1.5 decryption because of padding oracles. This key is used once, so
      // an oracle would reveal nothing.
      decrypt: data => privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, data),
    };
  },
};

const makeKeyPair = promisify(generateKeyPair);

function encrypt(
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
