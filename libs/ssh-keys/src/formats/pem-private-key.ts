import { ALGORITHM_OIDS, DER, DerReader } from '../wire/der';
import type { Armour } from './key-text';
import { decrypt, type Opener, type ReadPrivateKey, traditionalKey } from './encrypted-key';
import { CURVES, type Curve } from '../keys/key-type';
import { decryptPkcs8 } from './pkcs8-encryption';
import { PrivateKey } from '../keys/private-key';
import { refusedKey, wrongPassphrase } from '../wire/key-errors';

/** What `DEK-Info` names, as far as OpenSSL 3 still decrypts it. */
const TRADITIONAL_CIPHERS: Readonly<Record<string, { openssl: string; key: number }>> = {
  'AES-128-CBC': { openssl: 'aes-128-cbc', key: 16 },
  'AES-192-CBC': { openssl: 'aes-192-cbc', key: 24 },
  'AES-256-CBC': { openssl: 'aes-256-cbc', key: 32 },
  'DES-EDE3-CBC': { openssl: 'des-ede3-cbc', key: 24 },
};

const READERS: Readonly<Record<string, (der: Buffer) => PrivateKey>> = {
  'RSA PRIVATE KEY': readPkcs1,
  'DSA PRIVATE KEY': readTraditionalDsa,
  'EC PRIVATE KEY': der => readSec1(der, undefined),
  'PRIVATE KEY': readPkcs8,
};

/** Whether a PEM label names a private key of a format that is read here. */
export function isPemPrivateKey(label: string): boolean {
  return label === 'ENCRYPTED PRIVATE KEY' || Object.hasOwn(READERS, label);
}

/**
 * Reads PKCS#1 (RFC 8017 A.1.2), SEC1 (RFC 5915), PKCS#8 (RFC 5958), OpenSSL's own form for DSA,
 * each also protected. Read here and not by OpenSSL, which starts to compute with whatever numbers
 * and rounds a file names.
 * @throws RemoteAccessError `invalid-key`, `passphrase-needed`
 */
export async function readPemPrivateKey(
  { label, headers, bytes }: Armour,
  opener: Opener,
): Promise<ReadPrivateKey> {
  if (label === 'ENCRYPTED PRIVATE KEY') {
    const der = opened(await decryptPkcs8(bytes, opener));
    return { key: readPkcs8(der), comment: '', encrypted: true };
  }
  const read = READERS[label]!;
  const info = headers.get('dek-info');
  if (!headers.has('proc-type') || info === undefined) {
    return { key: read(bytes), comment: '', encrypted: false };
  }
  const der = opened(decryptTraditional(info, bytes, opener.passphrase));
  return { key: read(der), comment: '', encrypted: true };
}

/** One in 256 wrong passphrases leaves a possible padding: what comes out is then no key. */
function opened(der: Buffer): Buffer {
  if (der[0] === DER.sequence) return der;
  throw wrongPassphrase('another');
}

function decryptTraditional(info: string, bytes: Buffer, passphrase: string): Buffer {
  const [, name = '', hex = ''] = /^([\w-]{1,40}),([0-9A-Fa-f]{16,32})$/.exec(info) ?? [];
  const cipher = Object.hasOwn(TRADITIONAL_CIPHERS, name) ? TRADITIONAL_CIPHERS[name] : undefined;
  const iv = Buffer.from(hex, 'hex');
  const ivLength = name.startsWith('AES') ? 16 : 8;
  if (!cipher || iv.length !== ivLength) {
    throw refusedKey('The private key is protected in a way that is not supported any more.');
  }
  if (passphrase === '') throw wrongPassphrase('');
  const SALT_BYTES = 8;
  const key = traditionalKey(passphrase, iv.subarray(0, SALT_BYTES), cipher.key);
  return decrypt(cipher.openssl, key, iv, bytes, 'padded');
}

function readPkcs1(der: Buffer): PrivateKey {
  const numbers = new DerReader(der).within(DER.sequence);
  if (numbers.count() !== 0)
    throw refusedKey('RSA keys of more than two primes are not supported.');
  const [n, e, d] = [numbers.integer(), numbers.integer(), numbers.integer()] as const;
  const [p, q] = [numbers.integer(), numbers.integer()] as const;
  // The two exponents follow from d and are not in an OpenSSH key.
  numbers.integer();
  numbers.integer();
  return PrivateKey.rsa({ n, e, d, p, q, inverse: numbers.integer() });
}

function readTraditionalDsa(der: Buffer): PrivateKey {
  const numbers = new DerReader(der).within(DER.sequence);
  numbers.count();
  const [p, q, g] = [numbers.integer(), numbers.integer(), numbers.integer()] as const;
  numbers.integer();
  return PrivateKey.dsa({ p, q, g, x: numbers.integer() });
}

/** @param known the curve, where PKCS#8 names it around this */
function readSec1(der: Buffer, known: Curve | undefined): PrivateKey {
  const PARAMETERS = 0xa0;
  const key = new DerReader(der).within(DER.sequence);
  key.count();
  const scalar = key.read(DER.octets);
  const curve = known ?? (key.next === PARAMETERS ? curveOf(key.within(PARAMETERS)) : undefined);
  if (!curve) throw refusedKey('The private key is damaged: it does not name its curve.');
  return PrivateKey.ecdsa(curve, scalar);
}

/** PKCS#8 without protection, in DER. @throws RemoteAccessError `invalid-key` */
export function readPkcs8(der: Buffer): PrivateKey {
  const info = new DerReader(der).within(DER.sequence);
  info.count();
  const algorithm = info.within(DER.sequence);
  const oid = algorithm.oid();
  const secret = info.read(DER.octets);
  switch (oid) {
    case ALGORITHM_OIDS.rsa:
      return readPkcs1(secret);
    case ALGORITHM_OIDS.dsa: {
      const group = algorithm.within(DER.sequence);
      const [p, q, g] = [group.integer(), group.integer(), group.integer()] as const;
      return PrivateKey.dsa({ p, q, g, x: new DerReader(secret).integer() });
    }
    case ALGORITHM_OIDS.ec:
      return readSec1(secret, curveOf(algorithm));
    case ALGORITHM_OIDS.ed25519:
      return PrivateKey.ed25519(new DerReader(secret).read(DER.octets));
    default:
      throw refusedKey(
        'The private key is of a kind that SSH does not use. Use RSA, DSA, ECDSA or ED25519.',
      );
  }
}

function curveOf(parameters: DerReader): Curve {
  const oid = parameters.next === DER.oid ? parameters.oid() : undefined;
  const curve = CURVES.find(one => one.oid === oid);
  if (!curve) throw refusedKey('The curve is not supported. Use nistp256, nistp384 or nistp521.');
  return curve;
}
