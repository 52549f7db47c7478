import type { Cryptography } from './cryptography';

/** 256 bits suffice for groups of up to 3072 bits, and keep the computation short. */
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
 * The client's half of a Diffie-Hellman exchange in the server's group. The group may have any
 * size: OpenSSL refuses the 64 bits of MS-Logon II.
 *
 * @returns `undefined` if the group or the server's public value would make the secret predictable
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

/** Whether `1 < number < limit`. Both have the same length. */
function isBetween(number: Uint8Array, limit: Uint8Array): boolean {
  const isMoreThanOne = number.some((byte, at) => byte > (at === number.length - 1 ? 1 : 0));
  const first = number.findIndex((byte, at) => byte !== limit[at]);
  return isMoreThanOne && first >= 0 && (number[first] ?? 0) < (limit[first] ?? 0);
}

/** `base ** exponent % modulus` for big-endian numbers; the result is as long as the modulus. */
export function modularPower(
  base: Uint8Array,
  exponent: Uint8Array,
  modulus: Uint8Array,
): Uint8Array {
  const divisor = numberOf(modulus);
  let power = numberOf(base) % divisor;
  let result = 1n;
  for (let rest = numberOf(exponent); rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * power) % divisor;
    power = (power * power) % divisor;
  }
  return bytesOf(result, modulus.length);
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function bytesOf(number: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = number;
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
