import { ECDH } from 'node:crypto';
import type { KeyAlgorithm } from '@remote-access/contracts';
import { invalidKey } from '../wire/key-errors';
import { bitLength, sshWire, WireReader } from '../wire/ssh-wire';
import { md5Fingerprint, sha256Fingerprint } from './fingerprint';
import { keyTypeNamed, PUBLIC_FIELDS, type KeyType } from './key-type';

/** OpenSSH rejects smaller keys, OpenSSL larger ones. */
const RSA_BITS = { min: 1024, max: 16_384 };

/**
 * The largest of FIPS 186-4; deriving the public half of larger keys would take noticeably long.
 */
const DSA_BITS = { min: 1024, max: 3072 };
const DSA_SUBGROUP_BITS = { min: 160, max: 256 };

/** A public key with its fields on the wire (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4). */
export class PublicKey {
  private constructor(
    readonly type: KeyType,
    readonly fields: readonly Buffer[],
    readonly bits: number,
  ) {}

  /** @throws RemoteAccessError `invalid-key` for unsupported sizes and points not on the curve */
  static of(type: KeyType, fields: readonly Buffer[]): PublicKey {
    return new PublicKey(type, fields, bitsOf(type, fields));
  }

  /** @throws RemoteAccessError `invalid-key` */
  static fromBlob(blob: Buffer): PublicKey {
    const reader = new WireReader(blob, 'public key');
    const name = reader.text();
    const type = keyTypeNamed(name);
    if (!type) throw unsupportedType(name);
    const key = PublicKey.read(type, reader);
    reader.end();
    return key;
  }

  /** Reads the fields after the type; certificates contain them as well. */
  static read(type: KeyType, reader: WireReader): PublicKey {
    const fields = Array.from({ length: PUBLIC_FIELDS[type.algorithm] }, () => reader.string());
    return PublicKey.of(type, normalized(type, fields));
  }

  get algorithm(): KeyAlgorithm {
    return this.type.algorithm;
  }

  get blob(): Buffer {
    return sshWire.strings([this.type.name, ...this.fields]);
  }

  /** `type base64 comment`, as in `authorized_keys`. */
  line(comment: string): string {
    return [this.type.name, this.blob.toString('base64'), comment].filter(Boolean).join(' ');
  }

  equals(other: PublicKey): boolean {
    return this.blob.equals(other.blob);
  }

  get sha256(): string {
    return sha256Fingerprint(this.blob);
  }

  get md5(): string {
    return md5Fingerprint(this.blob);
  }
}

/** The error for a key of a known but unsupported type. */
export function unsupportedType(name: string): Error {
  if (name.startsWith('sk-')) {
    return invalidKey('This key is stored on a security token, which cannot be used here.');
  }
  if (name.includes('-cert-')) {
    return invalidKey('This is a certificate; the key alone is expected here.');
  }
  const shown = looksPrintable(name) ? ` "${name}"` : '';
  return invalidKey(
    `The key type${shown} is not supported. Use RSA, DSA, ECDSA (nistp256, 384, 521) or ED25519.`,
  );
}

function looksPrintable(name: string): boolean {
  return /^[!-~]{1,64}$/.test(name);
}

/** Removes redundant leading zeros, so that equal keys have equal bytes and fingerprints. */
function normalized(type: KeyType, fields: readonly Buffer[]): Buffer[] {
  if (type.algorithm !== 'RSA' && type.algorithm !== 'DSA') return [...fields];
  return fields.map(field => {
    if ((field[0] ?? 0) >= 0x80) throw invalidKey('The public key is damaged.');
    return sshWire.positive(field);
  });
}

function bitsOf(type: KeyType, fields: readonly Buffer[]): number {
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = fields;
  switch (type.algorithm) {
    case 'RSA':
      // OpenSSL accepts no larger exponent with a large modulus; larger ones only cost time.
      if (bitLength(first) > 64 || (first.at(-1) ?? 0) % 2 === 0) {
        throw invalidKey('The RSA key is damaged: its public exponent is out of range.');
      }
      return within(RSA_BITS, 'RSA', bitLength(second));
    case 'DSA':
      within(DSA_SUBGROUP_BITS, 'DSA subgroup', bitLength(second));
      return within(DSA_BITS, 'DSA', bitLength(first));
    case 'ED25519':
      if (first.length !== 32)
        throw invalidKey('The ED25519 key is damaged: it does not have 256 bits.');
      return 256;
    case 'ECDSA':
      if (first.toString('latin1') !== type.curve.name || !isPoint(second, type.curve.openssl)) {
        throw invalidKey(`The ECDSA key is damaged: its point is not on ${type.curve.name}.`);
      }
      return type.curve.bits;
    default:
      return type satisfies never;
  }
}

function within(range: { min: number; max: number }, name: string, bits: number): number {
  if (bits >= range.min && bits <= range.max) return bits;
  throw invalidKey(
    `The ${name} key has ${bits} bits; from ${range.min} to ${range.max} are supported.`,
  );
}

function isPoint(point: Buffer, curve: string): boolean {
  const UNCOMPRESSED = 4;
  if (point[0] !== UNCOMPRESSED) return false;
  try {
    ECDH.convertKey(point, curve);
    return true;
  } catch {
    // The point is not on the curve.
    return false;
  }
}
