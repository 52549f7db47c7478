import { decrypt, type Opener } from './encrypted-key';
import type { Derivation } from '../derivation/derivation';
import { DER, DerReader } from '../wire/der';
import { refusedKey, wrongPassphrase } from '../wire/key-errors';

const PBES2_OID = '1.2.840.113549.1.5.13';
const PBKDF2_OID = '1.2.840.113549.1.5.12';
const SCRYPT_OID = '1.3.6.1.4.1.11591.4.11';

/** RFC 8018 B.2. */
const CIPHERS: Readonly<Record<string, { openssl: string; key: number }>> = {
  '2.16.840.1.101.3.4.1.2': { openssl: 'aes-128-cbc', key: 16 },
  '2.16.840.1.101.3.4.1.22': { openssl: 'aes-192-cbc', key: 24 },
  '2.16.840.1.101.3.4.1.42': { openssl: 'aes-256-cbc', key: 32 },
  '1.2.840.113549.3.7': { openssl: 'des-ede3-cbc', key: 24 },
};

/** RFC 8018 B.1; the first where a file names none. */
const HMAC_SHA1_OID = '1.2.840.113549.2.7';
const DIGESTS: Readonly<Record<string, string>> = {
  [HMAC_SHA1_OID]: 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

/**
 * Opens `ENCRYPTED PRIVATE KEY` (RFC 5958 3) of PBES2 (RFC 8018 6.2) with PBKDF2 or scrypt
 * (RFC 7914 7), which is what OpenSSL and ssh-keygen write.
 * @returns PKCS#8 in DER
 * @throws RemoteAccessError `invalid-key`, `passphrase-needed`
 */
export async function decryptPkcs8(bytes: Buffer, { passphrase, derive }: Opener): Promise<Buffer> {
  const info = new DerReader(bytes).within(DER.sequence);
  const algorithm = info.within(DER.sequence);
  const content = info.read(DER.octets);
  if (algorithm.oid() !== PBES2_OID) throw unsupported();
  const scheme = algorithm.within(DER.sequence);
  const kdf = scheme.within(DER.sequence);
  const encryption = scheme.within(DER.sequence);
  const cipher = lookUp(CIPHERS, encryption.oid());
  const iv = encryption.read(DER.octets);
  const ivLength = cipher.openssl.startsWith('aes') ? 16 : 8;
  if (iv.length !== ivLength) throw unsupported();
  const derivation = readDerivation(kdf, cipher.key);
  if (passphrase === '') throw wrongPassphrase('');
  return decrypt(cipher.openssl, await derive(derivation, passphrase), iv, content, 'padded');
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
  if (parameters.next === DER.integer) parameters.count();
  const prf =
    parameters.next === DER.sequence ? parameters.within(DER.sequence).oid() : HMAC_SHA1_OID;
  return { kind: 'pbkdf2', salt, rounds: count, digest: lookUp(DIGESTS, prf), length };
}

function lookUp<Value>(table: Readonly<Record<string, Value>>, oid: string): Value {
  const value = Object.hasOwn(table, oid) ? table[oid] : undefined;
  if (value === undefined) throw unsupported();
  return value;
}

function unsupported(): Error {
  return refusedKey(
    'The private key is protected in a way that is not supported. Save it anew, for example ' +
      'with ssh-keygen -p.',
  );
}
