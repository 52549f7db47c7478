import type { KeyAlgorithm } from '@remote-access/contracts';

/** A curve with its names in the various formats. */
export interface Curve {
  /** RFC 5656 10.1. */
  readonly name: 'nistp256' | 'nistp384' | 'nistp521';
  /** OpenSSL's name, also used by node:crypto. */
  readonly openssl: string;
  /** The object identifier in PKCS#8 and SEC1 files. */
  readonly oid: string;
  readonly bits: number;
}

export const CURVES: readonly Curve[] = [
  { name: 'nistp256', openssl: 'prime256v1', oid: '1.2.840.10045.3.1.7', bits: 256 },
  { name: 'nistp384', openssl: 'secp384r1', oid: '1.3.132.0.34', bits: 384 },
  { name: 'nistp521', openssl: 'secp521r1', oid: '1.3.132.0.35', bits: 521 },
];

/** A type of key, identified by its name on the wire. */
export type KeyType =
  | { readonly name: 'ssh-rsa'; readonly algorithm: 'RSA' }
  | { readonly name: 'ssh-dss'; readonly algorithm: 'DSA' }
  | { readonly name: 'ssh-ed25519'; readonly algorithm: 'ED25519' }
  | { readonly name: string; readonly algorithm: 'ECDSA'; readonly curve: Curve };

export const RSA = { name: 'ssh-rsa', algorithm: 'RSA' } as const satisfies KeyType;
export const DSA = { name: 'ssh-dss', algorithm: 'DSA' } as const satisfies KeyType;
export const ED25519 = { name: 'ssh-ed25519', algorithm: 'ED25519' } as const satisfies KeyType;

export const ecdsa = (curve: Curve): KeyType & { algorithm: 'ECDSA' } => ({
  name: `ecdsa-sha2-${curve.name}`,
  algorithm: 'ECDSA',
  curve,
});

const TYPES: readonly KeyType[] = [RSA, DSA, ED25519, ...CURVES.map(ecdsa)];

/** The number of fields after the type: e, n; p, q, g, y; the point; the curve, the point. */
export const PUBLIC_FIELDS: Readonly<Record<KeyAlgorithm, number>> = {
  RSA: 2,
  DSA: 4,
  ED25519: 1,
  ECDSA: 2,
};

/** Follows the name of the certified key's type (OpenSSH's PROTOCOL.certkeys). */
export const CERTIFICATE_SUFFIX = '-cert-v01@openssh.com';

export function keyTypeNamed(name: string): KeyType | undefined {
  return TYPES.find(type => type.name === name);
}

/** The type of the key that a certificate of this type certifies. */
export function certifiedKeyType(name: string): KeyType | undefined {
  if (!name.endsWith(CERTIFICATE_SUFFIX)) return undefined;
  return keyTypeNamed(name.slice(0, -CERTIFICATE_SUFFIX.length));
}

/** Whether a word can begin a line with a key or certificate, including unsupported types. */
export function looksLikeKeyType(word: string): boolean {
  return /^(?:sk-)?(?:ssh|ecdsa)-[\w.@-]{1,60}$/.test(word);
}
