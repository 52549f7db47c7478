import type { Cryptography } from './cryptography';
import type { VncTexts } from './vnc-texts';

/** What a way to sign in needs to know of the user. */
export type Needs = 'nothing' | 'password' | 'username and password';

export interface VncCredentials {
  readonly username?: string;
  readonly password?: string;
}

/** What every way to sign in works with. */
export interface SignInContext {
  readonly credentials: VncCredentials;
  /** Asks a person for what is missing; absent where nobody can be asked. */
  readonly ask?: (needs: Exclude<Needs, 'nothing'>) => Promise<VncCredentials>;
  readonly cryptography: Cryptography;
  readonly texts: VncTexts;
}
