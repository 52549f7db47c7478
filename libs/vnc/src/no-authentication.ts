import type { Handshake } from './handshake';
import { SECURITY_TYPES } from './security-types';
import type { SignInMethod } from './sign-in-method';

/** Everybody is let in (RFC 6143, section 7.2.1). */
export const NO_AUTHENTICATION: SignInMethod = {
  type: SECURITY_TYPES.NONE,
  name: 'None',
  needs: 'nothing',

  // A generator without a yield is none; there is nothing to exchange.
  *run(): Handshake<void> {
    yield* [];
  },
};
