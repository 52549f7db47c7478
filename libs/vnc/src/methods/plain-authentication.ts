import { BIG_ENDIAN } from '../handshake/big-endian';
import { type Handshake, send } from '../handshake/handshake';
import { SECURITY_TYPES, VENCRYPT_TYPES } from '../handshake/security-types';
import { requireCredentials, type SignInMethod } from './sign-in-method';

/** User name and password in clear text, protected only within TLS. */
export const PLAIN_AUTHENTICATION: SignInMethod = {
  type: VENCRYPT_TYPES.PLAIN,
  name: 'Plain',
  needs: 'username and password',
  isUnencrypted: true,

  *run(context): Handshake<void> {
    const { username, password } = yield* requireCredentials(context, 'username and password');
    const texts = [username, password].map(text => new TextEncoder().encode(text));
    yield* send(...texts.map(text => BIG_ENDIAN.uint32(text.length)), ...texts);
  },
};

/** No authentication (RFC 6143, section 7.2.1). */
export const NO_AUTHENTICATION: SignInMethod = {
  type: SECURITY_TYPES.NONE,
  name: 'None',
  needs: 'nothing',

  // Nothing is exchanged, but a generator function must contain a yield.
  *run(): Handshake<void> {
    yield* [];
  },
};
