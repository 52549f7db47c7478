import { printable } from '@remote-access/contracts';
import { algorithmsFor, hostKeyAlgorithms } from './algorithms';
import type { OfferedAlgorithms } from './server-offer';

/** Enough to recognize a server by; some offer thirty. */
const MAX_NAMES_CHARACTERS = 120;

/**
 * Where nothing that a server offers may be used: what it offers, for people.
 * @returns empty where something can be agreed on, or nothing is known of the offer
 */
export function unmatchedAlgorithms(
  offered: OfferedAlgorithms | undefined,
  pinnedTypes: readonly string[],
  isLegacy: boolean,
): string[] {
  if (!offered) return [];
  const { kex, cipher, hmac } = algorithmsFor(isLegacy);
  const parts: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['key exchange', offered.kex, kex],
    ['host key', offered.hostKey, hostKeyAlgorithms(pinnedTypes, isLegacy)],
    ['cipher', offered.cipher, cipher],
    // Ciphers with a check of their own need none besides.
    ['MAC', offered.cipher.some(name => name.includes('-gcm')) ? hmac : offered.mac, hmac],
  ];
  return parts
    .filter(([, theirs, ours]) => !theirs.some(name => ours.includes(name)))
    .map(([what, theirs]) => `${what} ${printable(theirs.join(', '), MAX_NAMES_CHARACTERS)}`);
}
