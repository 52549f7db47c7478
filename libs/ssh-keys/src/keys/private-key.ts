import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ALGORITHM_OIDS, DER, DerReader, encodeDer } from '../wire/der';
import { invalidKey } from '../wire/key-errors';
import { bitLength, sshWire, toBigInt } from '../wire/ssh-wire';
import { type Curve, DSA, ecdsa, ED25519, RSA } from './key-type';
import { PublicKey } from './public-key';

/** The numbers of an RSA key, big-endian. */
export interface RsaNumbers {
  readonly n: Buffer;
  readonly e: Buffer;
  readonly d: Buffer;
  readonly p: Buffer;
  readonly q: Buffer;
  /** The inverse of q modulo p: `iqmp`, `qInv`. */
  readonly inverse: Buffer;
}

export interface DsaNumbers {
  readonly p: Buffer;
  readonly q: Buffer;
  readonly g: Buffer;
  readonly x: Buffer;
}

/** A private key with consistent numbers, and the public key derived from them. */
export class PrivateKey {
  private constructor(
    readonly publicKey: PublicKey,
    /** The fields after the type in an OpenSSH container. */
    readonly fields: readonly Buffer[],
  ) {}

  static rsa({ n, e, d, p, q, inverse }: RsaNumbers): PrivateKey {
    const numbers = [n, e, d, inverse, p, q];
    // Sizes are checked first: BigInt is slow with numbers as large as a file.
    const publicKey = PublicKey.of(RSA, [sshWire.positive(e), sshWire.positive(n)]);
    const isLarge = numbers.some(number => bitLength(number) > publicKey.bits);
    if (isLarge || !isConsistent({ n, e, d, p, q, inverse })) throw inconsistent();
    return new PrivateKey(publicKey, numbers.map(sshWire.positive));
  }

  static dsa({ p, q, g, x }: DsaNumbers): PrivateKey {
    // Sizes are checked first: deriving from larger numbers would take long.
    PublicKey.of(DSA, [p, q, g, x].map(sshWire.positive));
    if (toBigInt(x) >= toBigInt(q) || toBigInt(g) >= toBigInt(p)) throw inconsistent();
    const y = derivePublic.dsa(p, q, g, x);
    const publicFields = [p, q, g, y].map(sshWire.positive);
    const publicKey = PublicKey.of(DSA, publicFields);
    return new PrivateKey(publicKey, [...publicFields, sshWire.positive(x)]);
  }

  static ecdsa(curve: Curve, scalar: Buffer): PrivateKey {
    if (bitLength(scalar) > curve.bits) throw inconsistent();
    const publicFields = [Buffer.from(curve.name), derivePublic.ecdsa(curve, scalar)];
    const publicKey = PublicKey.of(ecdsa(curve), publicFields);
    return new PrivateKey(publicKey, [...publicFields, sshWire.positive(scalar)]);
  }

  /** @param seed 32 bytes (RFC 8032 5.1.5) */
  static ed25519(seed: Buffer): PrivateKey {
    if (seed.length !== 32) throw inconsistent();
    const point = derivePublic.ed25519(seed);
    return new PrivateKey(PublicKey.of(ED25519, [point]), [point, Buffer.concat([seed, point])]);
  }
}

/** RFC 8017 3.2. */
function isConsistent(numbers: RsaNumbers): boolean {
  const n = toBigInt(numbers.n);
  const p = toBigInt(numbers.p);
  const q = toBigInt(numbers.q);
  if (p < 3n || q < 3n || p * q !== n) return false;
  const product = toBigInt(numbers.e) * toBigInt(numbers.d);
  if (product % (p - 1n) !== 1n || product % (q - 1n) !== 1n) return false;
  return (toBigInt(numbers.inverse) * q) % p === 1n;
}

function inconsistent(): Error {
  return invalidKey('The private key is damaged: its numbers are inconsistent.');
}

/** Uses OpenSSL to compute public keys; the callers have checked the sizes. */
const derivePublic = {
  dsa(p: Buffer, q: Buffer, g: Buffer, x: Buffer): Buffer {
    // PKCS#8 does not store the public half of a DSA key: OpenSSL computes it while reading.
    const parameters = encodeDer.sequence(...[p, q, g].map(encodeDer.integer));
    return new DerReader(
      publicBits(ALGORITHM_OIDS.dsa, parameters, encodeDer.integer(x)),
    ).integer();
  },

  ecdsa(curve: Curve, scalar: Buffer): Buffer {
    try {
      const ecdh = createECDH(curve.openssl);
      ecdh.setPrivateKey(scalar);
      return ecdh.getPublicKey();
    } catch (error) {
      throw underivable(error);
    }
  },

  ed25519(seed: Buffer): Buffer {
    return publicBits(ALGORITHM_OIDS.ed25519, undefined, encodeDer.value(DER.octets, seed));
  },
};

/** The `subjectPublicKey` bits (RFC 5280 4.1) for a PKCS#8 key. */
function publicBits(oid: string, parameters: Buffer | undefined, secret: Buffer): Buffer {
  const algorithm = encodeDer.sequence(encodeDer.oid(oid), ...(parameters ? [parameters] : []));
  const version = encodeDer.integer(Buffer.alloc(1));
  const key = encodeDer.sequence(version, algorithm, encodeDer.value(DER.octets, secret));
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
  } catch (error) {
    throw underivable(error);
  }
  const info = new DerReader(publicKey.export({ format: 'der', type: 'spki' })).within(
    DER.sequence,
  );
  info.read(DER.sequence);
  return info.bits();
}

function underivable(_cause: unknown): Error {
  return invalidKey('The private key is damaged: no public key can be derived from it.');
}
