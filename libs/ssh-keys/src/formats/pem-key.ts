import { CURVES, type Curve, DSA, ecdsa, ED25519, RSA } from '../keys/key-type';
import { PrivateKey } from '../keys/private-key';
import { PublicKey } from '../keys/public-key';
import { ALGORITHM_OIDS, DER, DerReader } from '../wire/der';
import { invalidKey } from '../wire/key-errors';
import { sshWire } from '../wire/ssh-wire';
import type { DecryptionOptions, ParsedPrivateKey } from './encrypted-key';
import type { PemBlock } from './key-text';
import { decryptPkcs8, decryptTraditional } from './pem-encryption';

const ENCRYPTED_PKCS8 = 'ENCRYPTED PRIVATE KEY';

const PRIVATE_KEYS: Readonly<Record<string, (der: Buffer) => PrivateKey>> = {
  'RSA PRIVATE KEY': readPkcs1,
  'DSA PRIVATE KEY': readTraditionalDsa,
  'EC PRIVATE KEY': der => readSec1(der, undefined),
  'PRIVATE KEY': readPkcs8,
};

const PUBLIC_KEYS: Readonly<Record<string, (der: Buffer) => PublicKey>> = {
  'PUBLIC KEY': readPublicKeyInfo,
  'RSA PUBLIC KEY': readPublicPkcs1,
};

export function isPemPrivateKey(label: string): boolean {
  return label === ENCRYPTED_PKCS8 || Object.hasOwn(PRIVATE_KEYS, label);
}

export function isPemPublicKey(label: string): boolean {
  return Object.hasOwn(PUBLIC_KEYS, label);
}

/**
 * Reads PKCS#1 (RFC 8017 A.1.2), SEC1 (RFC 5915), PKCS#8 (RFC 5958) and OpenSSL's traditional form
 * of DSA keys, encrypted or not. OpenSSL is not used for this, because it would start computing
 * with whatever numbers and rounds a file contains.
 * @throws RemoteAccessError `invalid-key`, `passphrase-needed`
 */
export async function readPemPrivateKey(
  { label, headers, bytes }: PemBlock,
  options: DecryptionOptions,
): Promise<ParsedPrivateKey> {
  if (label === ENCRYPTED_PKCS8) {
    const der = await decryptPkcs8(bytes, options);
    return { key: readPkcs8(der), comment: '', encrypted: true };
  }
  const read = PRIVATE_KEYS[label]!;
  const info = headers.get('dek-info');
  if (!headers.has('proc-type') || info === undefined) {
    return { key: read(bytes), comment: '', encrypted: false };
  }
  const der = decryptTraditional(info, bytes, options.passphrase);
  return { key: read(der), comment: '', encrypted: true };
}

/**
 * Reads `PUBLIC KEY` (RFC 5280 4.1.2.7, RFC 3279 2.3, RFC 8410 4) and `RSA PUBLIC KEY`
 * (RFC 8017 A.1.1).
 * @throws RemoteAccessError `invalid-key`
 */
export function readPemPublicKey(label: string, der: Buffer): PublicKey {
  return PUBLIC_KEYS[label]!(der);
}

/** Reads unencrypted PKCS#8 in DER. @throws RemoteAccessError `invalid-key` */
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
      return readSec1(secret, readCurve(algorithm));
    case ALGORITHM_OIDS.ed25519:
      return PrivateKey.ed25519(new DerReader(secret).read(DER.octets));
    default:
      throw invalidKey(
        'SSH does not use private keys of this type. Use RSA, DSA, ECDSA or ED25519.',
      );
  }
}

function readPkcs1(der: Buffer): PrivateKey {
  const numbers = new DerReader(der).within(DER.sequence);
  if (numbers.count() !== 0)
    throw invalidKey('RSA keys with more than two primes are not supported.');
  const [n, e, d] = [numbers.integer(), numbers.integer(), numbers.integer()] as const;
  const [p, q] = [numbers.integer(), numbers.integer()] as const;
  // The two exponents follow from d and are not stored in an OpenSSH key.
  numbers.integer();
  numbers.integer();
  return PrivateKey.rsa({ n, e, d, p, q, inverse: numbers.integer() });
}

function readTraditionalDsa(der: Buffer): PrivateKey {
  const numbers = new DerReader(der).within(DER.sequence);
  numbers.count();
  const [p, q, g] = [numbers.integer(), numbers.integer(), numbers.integer()] as const;
  numbers.integer(); // y
  return PrivateKey.dsa({ p, q, g, x: numbers.integer() });
}

/** @param outerCurve the curve named by the surrounding PKCS#8, if any */
function readSec1(der: Buffer, outerCurve: Curve | undefined): PrivateKey {
  const PARAMETERS = 0xa0;
  const key = new DerReader(der).within(DER.sequence);
  key.count();
  const scalar = key.read(DER.octets);
  const hasCurve = outerCurve === undefined && key.next === PARAMETERS;
  const curve = hasCurve ? readCurve(key.within(PARAMETERS)) : outerCurve;
  if (!curve) throw invalidKey('The private key is damaged: it does not name its curve.');
  return PrivateKey.ecdsa(curve, scalar);
}

function readPublicPkcs1(der: Buffer): PublicKey {
  const numbers = new DerReader(der).within(DER.sequence);
  const n = sshWire.positive(numbers.integer());
  return PublicKey.of(RSA, [sshWire.positive(numbers.integer()), n]);
}

function readPublicKeyInfo(der: Buffer): PublicKey {
  const info = new DerReader(der).within(DER.sequence);
  const algorithm = info.within(DER.sequence);
  const oid = algorithm.oid();
  const key = info.bits();
  switch (oid) {
    case ALGORITHM_OIDS.rsa:
      return readPublicPkcs1(key);
    case ALGORITHM_OIDS.dsa: {
      const group = algorithm.within(DER.sequence);
      const numbers = [group.integer(), group.integer(), group.integer()];
      const fields = [...numbers, new DerReader(key).integer()];
      return PublicKey.of(DSA, fields.map(sshWire.positive));
    }
    case ALGORITHM_OIDS.ec: {
      const curve = readCurve(algorithm);
      return PublicKey.of(ecdsa(curve), [Buffer.from(curve.name), key]);
    }
    case ALGORITHM_OIDS.ed25519:
      return PublicKey.of(ED25519, [key]);
    default:
      throw invalidKey('SSH does not use public keys of this type.');
  }
}

function readCurve(parameters: DerReader): Curve {
  const oid = parameters.next === DER.oid ? parameters.oid() : undefined;
  const curve = CURVES.find(one => one.oid === oid);
  if (!curve) throw invalidKey('The curve is not supported. Use nistp256, nistp384 or nistp521.');
  return curve;
}
