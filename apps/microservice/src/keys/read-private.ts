import type { Derive } from './derivation';
import type { PrivateKey } from './private-key';

/** A private key as it was read. */
export interface ReadPrivateKey {
  readonly key: PrivateKey;
  readonly comment: string;
  /** Whether it came protected with a passphrase. */
  readonly encrypted: boolean;
}

/** What opens a protected key. */
export interface Opener {
  /** Empty where none was given. */
  readonly passphrase: string;
  readonly derive: Derive;
}
