import { randomBytes } from 'node:crypto';
import { bigNumber } from './big-number';
import { derivePublic } from './derive-public';
import { DSA, ecdsa, ED25519, RSA, type Curve } from './key-type';
import { PublicKey } from './public-key';
import { refusedKey } from './refused-key';
import { wireForm } from './wire-form';

/** Begins the binary content of an OpenSSH private key (PROTOCOL.key, "openssh-key-v1"). */
export const CONTAINER_MAGIC = Buffer.from('openssh-key-v1\0');

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

/** A private key whose numbers belong together, with the public half that follows from them. */
export class PrivateKey {
  private constructor(
    readonly publicKey: PublicKey,
    /** What stands after the type in an OpenSSH container. */
    private readonly fields: readonly Buffer[],
  ) {}

  static rsa({ n, e, d, p, q, inverse }: RsaNumbers): PrivateKey {
    const numbers = [n, e, d, inverse, p, q];
    // The sizes first: BigInt takes its time with numbers of a whole file.
    const publicKey = PublicKey.of(RSA, [wireForm.positive(e), wireForm.positive(n)]);
    const isLarge = numbers.some(number => bigNumber.bits(number) > publicKey.bits);
    if (isLarge || !fitTogether({ n, e, d, p, q, inverse })) throw inconsistent();
    return new PrivateKey(publicKey, numbers.map(wireForm.positive));
  }

  static dsa({ p, q, g, x }: DsaNumbers): PrivateKey {
    // The sizes first: what is derived from larger numbers would take long.
    PublicKey.of(DSA, [p, q, g, x].map(wireForm.positive));
    if (bigNumber.of(x) >= bigNumber.of(q) || bigNumber.of(g) >= bigNumber.of(p)) {
      throw inconsistent();
    }
    const y = derivePublic.dsa(p, q, g, x);
    const publicFields = [p, q, g, y].map(wireForm.positive);
    const publicKey = PublicKey.of(DSA, publicFields);
    return new PrivateKey(publicKey, [...publicFields, wireForm.positive(x)]);
  }

  static ecdsa(curve: Curve, scalar: Buffer): PrivateKey {
    if (bigNumber.bits(scalar) > curve.bits) throw inconsistent();
    const publicFields = [Buffer.from(curve.name), derivePublic.ecdsa(curve, scalar)];
    const publicKey = PublicKey.of(ecdsa(curve), publicFields);
    return new PrivateKey(publicKey, [...publicFields, wireForm.positive(scalar)]);
  }

  /** @param seed 32 bytes (RFC 8032 5.1.5) */
  static ed25519(seed: Buffer): PrivateKey {
    if (seed.length !== 32) throw inconsistent();
    const point = derivePublic.ed25519(seed);
    return new PrivateKey(PublicKey.of(ED25519, [point]), [point, Buffer.concat([seed, point])]);
  }

  /** An OpenSSH container without passphrase, as ssh and ssh2 read it. */
  container(comment: string): string {
    const check = randomBytes(4);
    const content = Buffer.concat([
      check,
      check,
      wireForm.strings([this.publicKey.type.name, ...this.fields, comment]),
    ]);
    const BLOCK = 8;
    const padding = Buffer.from(Array.from({ length: -content.length & (BLOCK - 1) }, one));
    const bytes = Buffer.concat([
      CONTAINER_MAGIC,
      wireForm.strings(['none', 'none', '']),
      wireForm.uint32(1),
      wireForm.strings([this.publicKey.blob, Buffer.concat([content, padding])]),
    ]);
    const lines = bytes.toString('base64').replace(/.{1,70}/g, '$&\n');
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}-----END OPENSSH PRIVATE KEY-----\n`;
  }
}

/** RFC 8017 3.2. */
function fitTogether(numbers: RsaNumbers): boolean {
  const n = bigNumber.of(numbers.n);
  const p = bigNumber.of(numbers.p);
  const q = bigNumber.of(numbers.q);
  if (p < 3n || q < 3n || p * q !== n) return false;
  const product = bigNumber.of(numbers.e) * bigNumber.of(numbers.d);
  if (product % (p - 1n) !== 1n || product % (q - 1n) !== 1n) return false;
  return (bigNumber.of(numbers.inverse) * q) % p === 1n;
}

/** Padding counts up from one. */
function one(_nothing: unknown, index: number): number {
  return index + 1;
}

function inconsistent(): Error {
  return refusedKey('The private key is damaged: its numbers do not belong together.');
}
