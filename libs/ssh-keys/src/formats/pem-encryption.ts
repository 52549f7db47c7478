import { createHash } from 'node:crypto';
import type { Derivation } from '../derivation/derivation';
import { DER, DerReader } from '../wire/der';
import { invalidKey, passphraseMissing, wrongPassphrase } from '../wire/key-errors';
import { decrypt, type DecryptionOptions } from './encrypted-key';

interface Cipher {
  readonly openssl: string;
  readonly keyBytes: number;
}

/** The ciphers of `DEK-Info` that OpenSSL 3 still decrypts. */
const TRADITIONAL_CIPHERS: Readonly<Record<string, Cipher>> = {
  'AES-128-CBC': { openssl: 'aes-128-cbc', keyBytes: 16 },
  'AES-192-CBC': { openssl: 'aes-192-cbc', keyBytes: 24 },
  'AES-256-CBC': { openssl: 'aes-256-cbc', keyBytes: 32 },
  'DES-EDE3-CBC': { openssl: 'des-ede3-cbc', keyBytes: 24 },
};

/**
 * Decrypts a PEM block with the headers `Proc-Type` and `DEK-Info` (RFC 1421 4.6.1).
 * @param info the value of `DEK-Info`
 * @throws RemoteAccessError `invalid-key`, `passphrase-needed`
 */
export function decryptTraditional(info: string, bytes: Buffer, passphrase: string): Buffer {
  const [, name = '', hex = ''] = /^([\w-]{1,40}),([0-9A-Fa-f]{16,32})$/.exec(info) ?? [];
  const cipher = Object.hasOwn(TRADITIONAL_CIPHERS, name) ? TRADITIONAL_CIPHERS[name] : undefined;
  const iv = Buffer.from(hex, 'hex');
  if (!cipher || iv.length !== ivBytes(cipher)) {
    throw invalidKey('The private key is protected in a way that is no longer supported.');
  }
  if (passphrase === '') throw passphraseMissing();
  const SALT_BYTES = 8;
  const key = traditionalKey(passphrase, iv.subarray(0, SALT_BYTES), cipher.keyBytes);
  return sequence(decrypt(cipher.openssl, key, iv, bytes, 'padded'));
}

/** OpenSSL's EVP_BytesToKey with MD5 and one round. */
function traditionalKey(passphrase: string, salt: Buffer, length: number): Buffer {
  let key = Buffer.alloc(0);
  let last = Buffer.alloc(0);
  while (key.length < length) {
    last = createHash('md5').update(last).update(passphrase).update(salt).digest();
    key = Buffer.concat([key, last]);
  }
  return key.subarray(0, length);
}

const PBES2_OID = '1.2.840.113549.1.5.13';
const PBKDF2_OID = '1.2.840.113549.1.5.12';
const SCRYPT_OID = '1.3.6.1.4.1.11591.4.11';

/** RFC 8018 B.2. */
const PBES2_CIPHERS: Readonly<Record<string, Cipher>> = {
  '2.16.840.1.101.3.4.1.2': { openssl: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { openssl: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { openssl: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { openssl: 'des-ede3-cbc', keyBytes: 24 },
};

/** RFC 8018 A.2: the default. */
const HMAC_SHA1_OID = '1.2.840.113549.2.7';

/** RFC 8018 B.1. */
const DIGESTS: Readonly<Record<string, string>> = {
  [HMAC_SHA1_OID]: 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

/**
 * Decrypts `ENCRYPTED PRIVATE KEY` (RFC 5958 3) with PBES2 (RFC 8018 6.2) and PBKDF2 or scrypt (RFC
 * 7914 7), which is what OpenSSL and ssh-keygen write.
 * @returns PKCS#8 in DER
 * @throws RemoteAccessError `invalid-key`, `passphrase-needed`
 */
export async function decryptPkcs8(
  bytes: Buffer,
  { passphrase, derive }: DecryptionOptions,
): Promise<Buffer> {
  const info = new DerReader(bytes).within(DER.sequence);
  const algorithm = info.within(DER.sequence);
  const content = info.read(DER.octets);
  if (algorithm.oid() !== PBES2_OID) throw unsupported();
  const scheme = algorithm.within(DER.sequence);
  const kdf = scheme.within(DER.sequence);
  const encryption = scheme.within(DER.sequence);
  const cipher = lookUp(PBES2_CIPHERS, encryption.oid());
  const iv = encryption.read(DER.octets);
  if (iv.length !== ivBytes(cipher)) throw unsupported();
  const derivation = readDerivation(kdf, cipher.keyBytes);
  if (passphrase === '') throw passphraseMissing();
  const key = await derive(derivation, passphrase);
  return sequence(decrypt(cipher.openssl, key, iv, content, 'padded'));
}

function readDerivation(kdf: DerReader, length: number): Derivation {
  const oid = kdf.oid();
  const parameters = kdf.within(DER.sequence);
  const salt = parameters.next === DER.octets ? parameters.read(DER.octets) : undefined;
  if (!salt) throw unsupported();
  const count = parameters.count();
  if (oid === SCRYPT_OID) {
    const [blockSize, parallelization] = [parameters.count(), parameters.count()] as const;
    return { kind: 'scrypt', salt, cost: count, blockSize, parallelization, length };
  }
  if (oid !== PBKDF2_OID) throw unsupported();
  if (parameters.next === DER.integer) parameters.count(); // key length
  const prf =
    parameters.next === DER.sequence ? parameters.within(DER.sequence).oid() : HMAC_SHA1_OID;
  return { kind: 'pbkdf2', salt, rounds: count, digest: lookUp(DIGESTS, prf), length };
}

function ivBytes({ openssl }: Cipher): number {
  return openssl.startsWith('aes') ? 16 : 8;
}

/** One in 256 wrong passphrases yields valid padding; the plaintext is then not a key. */
function sequence(der: Buffer): Buffer {
  if (der[0] === DER.sequence) return der;
  throw wrongPassphrase();
}

function lookUp<Value>(table: Readonly<Record<string, Value>>, oid: string): Value {
  const value = Object.hasOwn(table, oid) ? table[oid] : undefined;
  if (value === undefined) throw unsupported();
  return value;
}

function unsupported(): Error {
  return invalidKey(
    'The private key is protected in an unsupported way. Save it again, for example with ' +
      'ssh-keygen -p.',
  );
}
