import type {
  CipherAlgorithm,
  CompressionAlgorithm,
  KexAlgorithm,
  MacAlgorithm,
  ServerHostKeyAlgorithm,
} from 'ssh2';
import { printable } from '@remote-access/contracts';
import type { OfferedAlgorithms } from './server-greeting';

/** The algorithms to negotiate in addition to the host key's, in order of preference. */
export interface Transport {
  kex: KexAlgorithm[];
  cipher: CipherAlgorithm[];
  hmac: MacAlgorithm[];
  compress: CompressionAlgorithm[];
}

/** Safe against prefix truncation (Terrapin, CVE-2023-48795) only with strict key exchange. */
export const CHACHA20 = 'chacha20-poly1305@openssh.com';

/** No SHA-1 and no CBC. AES-GCM is at least as fast as {@link CHACHA20} here. */
const MODERN: Transport = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group-exchange-sha256',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    CHACHA20,
  ],
  hmac: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
  ],
  compress: ['none'],
};

/**
 * Adds what devices from before 2015 support, at the end, so that better servers choose better
 * algorithms. Encrypt-then-MAC is left out, because in combination with CBC it is vulnerable to
 * Terrapin.
 */
const LEGACY: Transport = {
  kex: [
    ...MODERN.kex,
    'diffie-hellman-group-exchange-sha1',
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group1-sha1',
  ],
  cipher: [...MODERN.cipher, 'aes128-cbc', 'aes192-cbc', 'aes256-cbc', '3des-cbc'],
  hmac: ['hmac-sha2-256', 'hmac-sha2-512', 'hmac-sha1'],
  compress: ['none'],
};

for (const { kex, cipher, hmac, compress } of [MODERN, LEGACY]) {
  for (const names of [kex, cipher, hmac, compress]) Object.freeze(names);
}

const MODERN_HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

const LEGACY_HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  ...MODERN_HOST_KEYS,
  'ssh-rsa',
  'ssh-dss',
];

/** A key of type `ssh-rsa` signs in several ways (RFC 8332). */
const RSA_ALGORITHMS: readonly string[] = ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'];

/** The lists are shared by all connections, hence frozen. */
export function algorithmsFor(legacy: boolean): Transport {
  return legacy ? LEGACY : MODERN;
}

/**
 * The host key algorithms to offer. Those of the pinned keys come first, so that a server with
 * several keys presents the one that is known.
 * @param pinnedTypes key types as in the SSH protocol, e.g. `ssh-ed25519`
 */
export function hostKeyAlgorithms(
  pinnedTypes: readonly string[],
  legacy: boolean,
): ServerHostKeyAlgorithm[] {
  const known = legacy ? LEGACY_HOST_KEYS : MODERN_HOST_KEYS;
  const first = pinnedTypes.flatMap(type => known.filter(one => keyTypeOf(one) === type));
  return [...new Set([...first, ...known])];
}

/** The type of the key that signs with this algorithm. */
export function keyTypeOf(algorithm: string): string {
  return RSA_ALGORITHMS.includes(algorithm) ? 'ssh-rsa' : algorithm;
}

/** Enough to recognize a server; some offer thirty algorithms. */
const MAX_NAMES_CHARACTERS = 120;

/**
 * Markers in the list of key exchange methods that are not algorithms (RFC 8308, OpenSSH's
 * PROTOCOL).
 */
const NO_ALGORITHM = /^(ext-info-|kex-strict-)/;

/** Ciphers that authenticate packets themselves, and need no MAC. */
const AEAD = /-gcm@|^AEAD_|poly1305/;

export interface UnmatchedAlgorithms {
  /** The server's offer in each category without a matching algorithm. */
  readonly offers: readonly string[];
  /** Whether all categories would match if weak algorithms were allowed. */
  readonly areOld: boolean;
}

/** @returns `undefined` when all categories match, or when the offer is unknown */
export function unmatchedAlgorithms(
  offered: OfferedAlgorithms | undefined,
  pinnedTypes: readonly string[],
  isLegacy: boolean,
): UnmatchedAlgorithms | undefined {
  if (!offered) return undefined;
  const unmatched = categoriesOf(offered, pinnedTypes, isLegacy).filter(isUnmatched);
  if (unmatched.length === 0) return undefined;
  const offers = unmatched.map(({ what, theirs }) => {
    const names = theirs.filter(name => !NO_ALGORITHM.test(name)).join(', ');
    return `${what} ${printable(names, MAX_NAMES_CHARACTERS)}`;
  });
  const areOld = !isLegacy && !categoriesOf(offered, pinnedTypes, true).some(isUnmatched);
  return { offers, areOld };
}

interface Category {
  readonly what: string;
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

function categoriesOf(
  offered: OfferedAlgorithms,
  pinnedTypes: readonly string[],
  isLegacy: boolean,
): Category[] {
  const { kex, cipher, hmac } = algorithmsFor(isLegacy);
  const needsMac = !cipher.some(name => AEAD.test(name) && offered.cipher.includes(name));
  return [
    { what: 'key exchange', theirs: offered.kex, ours: kex },
    { what: 'host key', theirs: offered.hostKey, ours: hostKeyAlgorithms(pinnedTypes, isLegacy) },
    { what: 'cipher', theirs: offered.cipher, ours: cipher },
    ...(needsMac ? [{ what: 'MAC', theirs: offered.mac, ours: hmac }] : []),
  ];
}

function isUnmatched({ theirs, ours }: Category): boolean {
  return !theirs.some(name => ours.includes(name));
}
