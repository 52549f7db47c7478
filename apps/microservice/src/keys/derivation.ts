/** How a passphrase becomes the key of a file, with everything that decides how long it takes. */
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

/** Turns a passphrase into a key, away from the event loop. */
export type Derive = (derivation: Derivation, passphrase: string) => Promise<Buffer>;
