import { ECDH } from 'node:crypto';
import type { KeyAlgorithm } from '@remote-access/contracts';
import { refusedKey } from '../wire/key-errors';
import { bitLength, sshWire, WireReader } from '../wire/ssh-wire';
import { md5Fingerprint, sha256Fingerprint } from './fingerprint';
import { keyTypeNamed, PUBLIC_FIELDS, type KeyType } from './key-type';

/** OpenSSH signs in with nothing smaller; OpenSSL computes with nothing larger. */
const RSA_BITS = { min: 1024, max: 16_384 };

/** FIPS 186-4 has nothing larger. Beyond it deriving the public half would take noticeably long. */
const DSA_BITS = { min: 1024, max: 3072 };
const DSA_SUBGROUP_BITS = { min: 160, max: 256 };

/** A public key in the form that it has on the wire (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4). */
export class PublicKey {
  private constructor(
    readonly type: KeyType,
    readonly fields: readonly Buffer[],
    readonly bits: number,
  ) {}

  /** @throws RemoteAccessError `invalid-key` for sizes that no server takes and bad points */
  static of(type: KeyType, fields: readonly Buffer[]): PublicKey {
    return new PublicKey(type, fields, bitsOf(type, fields));
  }

  /** @throws RemoteAccessError `invalid-key` */
  static fromBlob(blob: Buffer): PublicKey {
    const reader = new WireReader(blob, 'public key');
    const name = reader.text();
    const type = keyTypeNamed(name);
    if (!type) throw unservedType(name);
    const key = PublicKey.read(type, reader);
    reader.end();
    return key;
  }

  /** The values after the type, as they also stand in a certificate. */
  static read(type: KeyType, reader: WireReader): PublicKey {
    const fields = Array.from({ length: PUBLIC_FIELDS[type.algorithm] }, () => reader.string());
    return PublicKey.of(type, normalised(type, fields));
  }

  get algorithm(): KeyAlgorithm {
    return this.type.algorithm;
  }

  get blob(): Buffer {
    return sshWire.strings([this.type.name, ...this.fields]);
  }

  /** As OpenSSH writes it into `authorized_keys`. */
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

/** Words for a key that is well known and of no use here. */
export function unservedType(name: string): Error {
  if (name.startsWith('sk-')) {
    return refusedKey('This key lives on a security token, which cannot be used here.');
  }
  if (name.includes('-cert-')) {
    return refusedKey('This is a certificate; the key alone is expected here.');
  }
  const shown = looksPrintable(name) ? ` "${name}"` : '';
  return refusedKey(
    `The key type${shown} is not supported. Use RSA, DSA, ECDSA (nistp256, 384, 521) or ED25519.`,
  );
}

function looksPrintable(name: string): boolean {
  return /^[!-~]{1,64}$/.test(name);
}

/** Numbers without needless zeros, so that equal keys have equal bytes and fingerprints. */
function normalised(type: KeyType, fields: readonly Buffer[]): Buffer[] {
  if (type.algorithm !== 'RSA' && type.algorithm !== 'DSA') return [...fields];
  return fields.map(field => {
    if ((field[0] ?? 0) >= 0x80) throw refusedKey('The public key is damaged.');
    return sshWire.positive(field);
  });
}

function bitsOf(type: KeyType, fields: readonly Buffer[]): number {
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = fields;
  switch (type.algorithm) {
    case 'RSA':
      // OpenSSL takes no larger exponent with a large modulus; anything beyond is an attack.
      if (bitLength(first) > 64 || (first.at(-1) ?? 0) % 2 === 0) {
        throw refusedKey('The RSA key is damaged: its public exponent is out of range.');
      }
      return within(RSA_BITS, 'RSA', bitLength(second));
    case 'DSA':
      within(DSA_SUBGROUP_BITS, 'DSA subgroup', bitLength(second));
      return within(DSA_BITS, 'DSA', bitLength(first));
    case 'ED25519':
      if (first.length !== 32) throw refusedKey('The ED25519 key is damaged: it is not 256 bits.');
      return 256;
    case 'ECDSA':
      if (first.toString('latin1') !== type.curve.name || !isPoint(second, type.curve.openssl)) {
        throw refusedKey(`The ECDSA key is damaged: it is no point of ${type.curve.name}.`);
      }
      return type.curve.bits;
    default:
      return type satisfies never;
  }
}

function within(range: { min: number; max: number }, name: string, bits: number): number {
  if (bits >= range.min && bits <= range.max) return bits;
  throw refusedKey(
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
    // OpenSSL says only that it could not: the point is not on the curve.
    return false;
  }
}
