import { read, send, type Handshake } from './handshake';
import { heldCredentials } from './held-credentials';
import { SECURITY_TYPES } from './security-types';
import type { SignInMethod } from './sign-in-method';
import { CHALLENGE_LENGTH, vncResponse } from './vnc-response';

/** The VNC password: a challenge enciphered with it (RFC 6143, section 7.2.2). */
export const VNC_AUTHENTICATION: SignInMethod = {
  type: SECURITY_TYPES.VNC_AUTHENTICATION,
  name: 'VNC password',
  needs: 'password',

  *run(context): Handshake<void> {
    const challenge = yield* read(CHALLENGE_LENGTH, 'its challenge');
    const { password } = yield* heldCredentials(context, 'password');
    yield* send(vncResponse(password, challenge, context.cryptography));
  },
};
