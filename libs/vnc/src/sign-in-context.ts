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
  /**
   * Asked before anything secret is sent to a server that shows a key; rejects where it is not the
   * expected one. The key is in the form of SSH (RFC 4253, section 6.6).
   */
  readonly checkServerKey: (key: Uint8Array) => Promise<void>;
  readonly cryptography: Cryptography;
  readonly texts: VncTexts;
}
