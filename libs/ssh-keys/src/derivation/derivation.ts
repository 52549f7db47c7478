import { invalidKey } from '../wire/key-errors';

/** How a key is derived from a passphrase: everything that determines the time it takes. */
export type Derivation =
  | {
      readonly kind: 'bcrypt';
      readonly salt: Buffer;
      readonly rounds: number;
      readonly length: number;
    }
  | {
      readonly kind: 'argon2';
      readonly variant: 'argon2id' | 'argon2i' | 'argon2d';
      readonly salt: Buffer;
      readonly memoryKib: number;
      readonly passes: number;
      readonly parallelism: number;
      readonly length: number;
    }
  | {
      readonly kind: 'pbkdf2';
      readonly salt: Buffer;
      readonly rounds: number;
      readonly digest: string;
      readonly length: number;
    }
  | {
      readonly kind: 'scrypt';
      readonly salt: Buffer;
      readonly cost: number;
      readonly blockSize: number;
      readonly parallelization: number;
      readonly length: number;
    };

/** Derives a key from a passphrase without blocking the event loop. */
export type Derive = (derivation: Derivation, passphrase: string) => Promise<Buffer>;

/** 25 ms each. ssh-keygen uses 16 or 24, cautious users 100. */
const MAX_BCRYPT_ROUNDS = 128;

/** puttygen uses 8 MiB and 13 to 40 passes; 2 GiB of memory traffic take about two seconds. */
const MAX_ARGON2_KIB = 64 * 1024;
const MAX_ARGON2_KIB_PASSES = 2 * 1024 * 1024;
const MAX_ARGON2_LANES = 16;

/** OpenSSL uses 2048; a million take half a second in Node's thread pool. */
const MAX_PBKDF2_ROUNDS = 1_000_000;

/** OpenSSL uses 16 MiB; 64 MiB with four lanes take less than a second. */
const MAX_SCRYPT_BYTES = 64 * 1024 * 1024;
const MAX_SCRYPT_LANES = 4;

const MAX_SALT_BYTES = 128;

/**
 * Refuses derivations that would take too much time or memory, before they start: the file itself
 * determines the amount of work.
 * @throws RemoteAccessError `invalid-key`
 */
export function checkBounds(derivation: Derivation): void {
  const { salt } = derivation;
  if (salt.length === 0 || salt.length > MAX_SALT_BYTES) {
    throw invalidKey('The private key is damaged: its salt has an invalid length.');
  }
  switch (derivation.kind) {
    case 'bcrypt':
      return atMost(derivation.rounds, MAX_BCRYPT_ROUNDS, 'rounds of bcrypt');
    case 'argon2': {
      const { memoryKib, passes, parallelism } = derivation;
      // Argon2's own lower bound (RFC 9106 3.1).
      atLeast(memoryKib, 8 * parallelism, 'KiB of memory for Argon2');
      atLeast(passes, 1, 'passes of Argon2');
      atMost(parallelism, MAX_ARGON2_LANES, 'lanes of Argon2');
      atMost(memoryKib, MAX_ARGON2_KIB, 'KiB of memory for Argon2');
      return atMost(passes, MAX_ARGON2_KIB_PASSES / memoryKib, 'passes of Argon2');
    }
    case 'pbkdf2':
      return atMost(derivation.rounds, MAX_PBKDF2_ROUNDS, 'rounds of PBKDF2');
    case 'scrypt': {
      const { cost, blockSize, parallelization } = derivation;
      if (cost < 2 || !Number.isInteger(Math.log2(cost))) {
        throw invalidKey('The private key is damaged: the cost of scrypt is not a power of two.');
      }
      atMost(128 * blockSize * cost, MAX_SCRYPT_BYTES, 'bytes of memory for scrypt');
      return atMost(parallelization, MAX_SCRYPT_LANES, 'lanes of scrypt');
    }
    default:
      return derivation satisfies never;
  }
}

function atMost(count: number, most: number, what: string): void {
  atLeast(count, 1, what);
  if (count <= most) return;
  throw invalidKey(
    `The private key is protected with ${count} ${what}; at most ${Math.floor(most)} are ` +
      'supported. Save it with fewer.',
  );
}

function atLeast(count: number, least: number, what: string): void {
  if (count >= least) return;
  throw invalidKey(`The private key is damaged: ${count} ${what} are too few.`);
}
