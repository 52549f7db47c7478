import { generateKeyPair, pbkdf2, scrypt, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Derivation } from './derivation';
import { checkBounds } from './derivation-bounds';
import type { Curve } from './key-type';
import { refusedKey } from './refused-key';
import { WorkSlots } from './work-slots';

/**
 * Of the two to four cores that the service has; OpenSSL's jobs share Node's four threads with
 * name look-ups and files, which must not wait behind keys.
 */
const AT_A_TIME = 2;

/** A hundred keys of an import and some people besides. */
const MAX_WAITING = 200;

/** The largest that the bounds allow takes four seconds on a slow core. */
const MAX_DERIVATION_MS = 15_000;

/** What a new key is to be. */
export type NewKey =
  | { readonly algorithm: 'ED25519' }
  | { readonly algorithm: 'ECDSA'; readonly curve: Curve }
  | { readonly algorithm: 'RSA'; readonly bits: number };

const PKCS8_DER = { format: 'der', type: 'pkcs8' } as const;

/** Does what takes long, away from the event loop, a few at a time. */
@Injectable()
export class KeyWork implements OnModuleDestroy {
  private readonly slots = new WorkSlots(AT_A_TIME, MAX_WAITING);
  private readonly threads = new Set<Worker>();

  /** @throws RemoteAccessError `invalid-key` for a file that asks for too much work */
  readonly derive = async (derivation: Derivation, passphrase: string): Promise<Buffer> => {
    checkBounds(derivation);
    return this.slots.run(() => this.start(derivation, passphrase));
  };

  /** A new key as PKCS#8, in DER. */
  generate(key: NewKey): Promise<Buffer> {
    return this.slots.run(async () => (await generate(key)).export(PKCS8_DER));
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.threads].map(thread => thread.terminate()));
  }

  private start(derivation: Derivation, passphrase: string): Promise<Buffer> {
    switch (derivation.kind) {
      case 'pbkdf2': {
        const { salt, rounds, length, digest } = derivation;
        return promisify(pbkdf2)(passphrase, salt, rounds, length, digest);
      }
      case 'scrypt':
        return scryptKey(derivation, passphrase);
      case 'bcrypt':
      case 'argon2':
        return this.inThread({ ...derivation, passphrase });
      default:
        return derivation satisfies never;
    }
  }

  /**
   * A thread for each: it starts in 40 ms, its memory goes with it, and one that takes too long
   * can be ended, which work inside OpenSSL cannot.
   */
  private inThread(workerData: object): Promise<Buffer> {
    const thread = new Worker(join(__dirname, 'derivation-thread.js'), { workerData });
    this.threads.add(thread);
    return new Promise<Buffer>((resolve, reject) => {
      const deadline = setTimeout(() => {
        reject(refusedKey('Opening the private key takes too long. Save it with fewer rounds.'));
        void thread.terminate();
      }, MAX_DERIVATION_MS);
      thread.once('message', (key: Uint8Array) => resolve(Buffer.from(key)));
      thread.once('error', reject);
      thread.once('exit', () => {
        clearTimeout(deadline);
        this.threads.delete(thread);
        reject(new Error('The thread ended without a key'));
      });
    });
  }
}

function scryptKey(
  { salt, cost, blockSize, parallelization, length }: Derivation & { kind: 'scrypt' },
  passphrase: string,
): Promise<Buffer> {
  // A little more than 128 N r is used; what is too much was refused before.
  const maxmem = 256 * cost * blockSize + 1024 * 1024;
  const options = { cost, blockSize, parallelization, maxmem };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, length, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

async function generate(key: NewKey): Promise<KeyObject> {
  const make = promisify(generateKeyPair);
  switch (key.algorithm) {
    case 'ED25519':
      return (await make('ed25519')).privateKey;
    case 'ECDSA':
      return (await make('ec', { namedCurve: key.curve.openssl })).privateKey;
    case 'RSA':
      return (await make('rsa', { modulusLength: key.bits })).privateKey;
    default:
      return key satisfies never;
  }
}
