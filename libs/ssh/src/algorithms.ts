import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

/**
 * What is offered to servers: nothing on SHA-1, no CBC. chacha20-poly1305 is left out because it
 * is safe against prefix truncation (Terrapin, CVE-2023-48795) only with strict key exchange, and
 * ssh2 does not tell whether the server has it; AES-GCM is at least as fast here.
 */
export const ALGORITHMS = {
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
} as const satisfies Algorithms;

const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** One key type may sign in several ways (RFC 8332). DSA is offered only for a pinned DSA key. */
const ALGORITHMS_OF_TYPE: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
  'ssh-dss': ['ssh-dss'],
};

/**
 * The order of host key algorithms in our offer: those of the pinned keys first, so that a server
 * with several keys shows the one that is known.
 * @param pinnedTypes as in the SSH protocol, e.g. `ssh-ed25519`
 */
export function hostKeyAlgorithms(pinnedTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const first = pinnedTypes.flatMap(
    type => ALGORITHMS_OF_TYPE[type] ?? HOST_KEY_ALGORITHMS.filter(known => known === type),
  );
  return [...new Set([...first, ...HOST_KEY_ALGORITHMS])];
}
