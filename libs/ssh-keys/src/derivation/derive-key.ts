import { pbkdf2, scrypt } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { invalidKey } from '../wire/key-errors';
import { checkBounds, type Derivation, type Derive } from './derivation';

/** The most expensive derivation within the bounds takes four seconds on a slow core. */
const MAX_DERIVATION_MS = 15_000;

/** Decides when a derivation starts. */
export type Schedule = <Result>(job: () => Promise<Result>) => Promise<Result>;

/** Derives keys from passphrases without blocking the event loop. */
export class KeyDeriver {
  private readonly threads = new Set<Worker>();

  /** Starts every derivation immediately. */
  readonly derive = this.scheduledBy(job => job());

  /** @throws RemoteAccessError `invalid-key` for a file that requires too much work */
  scheduledBy(schedule: Schedule): Derive {
    return async (derivation, passphrase) => {
      checkBounds(derivation);
      return schedule(() => this.start(derivation, passphrase));
    };
  }

  /** Aborts the derivations in progress, which then fail. */
  async close(): Promise<void> {
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
   * Uses a thread for each derivation: it starts in 40 ms, frees its memory when it ends, and can
   * be terminated if it takes too long, which is impossible for work inside OpenSSL.
   */
  private inThread(workerData: object): Promise<Buffer> {
    const thread = new Worker(join(__dirname, 'derivation-thread.js'), { workerData });
    this.threads.add(thread);
    return new Promise<Buffer>((resolve, reject) => {
      const deadline = setTimeout(() => {
        reject(invalidKey('Opening the private key takes too long. Save it with fewer rounds.'));
        void thread.terminate();
      }, MAX_DERIVATION_MS);
      thread.once('message', (key: Uint8Array) => resolve(Buffer.from(key)));
      thread.on('error', reject);
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
  // OpenSSL needs a little more than 128 N r; larger requests have been refused earlier.
  const maxmem = 256 * cost * blockSize + 1024 * 1024;
  const options = { cost, blockSize, parallelization, maxmem };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, length, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
