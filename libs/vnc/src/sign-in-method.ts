import type { Handshake } from './handshake';
import type { Needs, SignInContext } from './sign-in-context';

/** A way to sign in, up to where the server tells whether it succeeded. */
export interface SignInMethod {
  readonly type: number;
  /** For texts, e.g. when none of what a server offers can be used. */
  readonly name: string;
  readonly needs: Needs;
  /** Whether the server's last words of the handshake are longer than RFB's. */
  readonly extendsServerInit?: boolean;
  run(context: SignInContext): Handshake<void>;
}
