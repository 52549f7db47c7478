import type { Cryptography } from './cryptography';
import { modularPower } from './modular-power';

/** Enough for groups of up to 3072 bits, and short enough to be computed in a blink. */
const MAX_EXPONENT_BYTES = 32;

export interface DiffieHellmanOffer {
  readonly generator: Uint8Array;
  readonly prime: Uint8Array;
  readonly serverPublic: Uint8Array;
}

export interface DiffieHellmanAnswer {
  readonly clientPublic: Uint8Array;
  readonly secret: Uint8Array;
}

/**
 * The client's half of a Diffie-Hellman exchange in a group that the server chose, of any size:
 * OpenSSL refuses those of 64 bits that MSLogonII has.
 *
 * @returns `undefined` for a group or a public number that leaves nothing secret
 */
export function answerDiffieHellman(
  { generator, prime, serverPublic }: DiffieHellmanOffer,
  { randomBytes }: Pick<Cryptography, 'randomBytes'>,
): DiffieHellmanAnswer | undefined {
  const isOdd = ((prime.at(-1) ?? 0) & 1) === 1;
  if (!isOdd || !isBetween(serverPublic, prime)) return undefined;
  const exponent = randomBytes(Math.min(prime.length, MAX_EXPONENT_BYTES));
  return {
    clientPublic: modularPower(generator, exponent, prime),
    secret: modularPower(serverPublic, exponent, prime),
  };
}

/** Whether a number is more than one and less than another, both equally long. */
function isBetween(number: Uint8Array, limit: Uint8Array): boolean {
  const isMoreThanOne = number.some((byte, at) => byte > (at === number.length - 1 ? 1 : 0));
  const first = number.findIndex((byte, at) => byte !== limit[at]);
  return isMoreThanOne && first >= 0 && (number[first] ?? 0) < (limit[first] ?? 0);
}
