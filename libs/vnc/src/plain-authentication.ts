import { BIG_ENDIAN } from './big-endian';
import { send, type Handshake } from './handshake';
import { heldCredentials } from './held-credentials';
import { VENCRYPT_TYPES } from './security-types';
import type { SignInMethod } from './sign-in-method';

/** User name and password as they are: what is around it must protect them. */
export const PLAIN_AUTHENTICATION: SignInMethod = {
  type: VENCRYPT_TYPES.PLAIN,
  name: 'Plain',
  needs: 'username and password',

  *run(context): Handshake<void> {
    const { username, password } = yield* heldCredentials(context, 'username and password');
    const texts = [username, password].map(text => new TextEncoder().encode(text));
    yield* send(...texts.map(text => BIG_ENDIAN.uint32(text.length)), ...texts);
  },
};
