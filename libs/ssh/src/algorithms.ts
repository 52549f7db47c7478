import type {
  CipherAlgorithm,
  CompressionAlgorithm,
  KexAlgorithm,
  MacAlgorithm,
  ServerHostKeyAlgorithm,
} from 'ssh2';

/** What is agreed on beside the server's host key, the best first. */
export interface Transport {
  kex: KexAlgorithm[];
  cipher: CipherAlgorithm[];
  hmac: MacAlgorithm[];
  compress: CompressionAlgorithm[];
}

/**
 * What is offered to servers: nothing on SHA-1, no CBC. chacha20-poly1305 is left out because it
 * is safe against prefix truncation (Terrapin, CVE-2023-48795) only with strict key exchange, and
 * ssh2 does not tell whether the server has it; AES-GCM is at least as fast here.
 */
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
 * What gear of the years before 2015 has, offered last, so that a server which has better takes
 * better. No encrypt-then-mac beside CBC: the two together are open to Terrapin.
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

/** What may be agreed on with a server: shared by all connections, and frozen. */
export function algorithmsFor(legacy: boolean): Transport {
  return legacy ? LEGACY : MODERN;
}

/**
 * The order of host key algorithms in our offer: those of the pinned keys first, so that a server
 * with several keys shows the one that is known.
 * @param pinnedTypes as in the SSH protocol, e.g. `ssh-ed25519`
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
