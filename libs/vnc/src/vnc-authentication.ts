import { read, send, type Handshake } from './handshake';
import { heldCredentials } from './held-credentials';
import { SECURITY_TYPES } from './security-types';
import type { SignInMethod } from './sign-in-method';

const CHALLENGE_LENGTH = 16;
const KEY_LENGTH = 8;

/** The VNC password: a challenge enciphered with it (RFC 6143, section 7.2.2). */
export const VNC_AUTHENTICATION: SignInMethod = {
  type: SECURITY_TYPES.VNC_AUTHENTICATION,
  name: 'VNC password',
  needs: 'password',

  *run(context): Handshake<void> {
    const challenge = yield* read(CHALLENGE_LENGTH, 'its challenge');
    const { password } = yield* heldCredentials(context, 'password');
    yield* send(context.cryptography.desEcb(keyOf(password), challenge));
  },
};

/** Eight bytes, more are cut and fewer filled; VNC takes the bits of each from the other end. */
function keyOf(password: string): Uint8Array {
  const key = new Uint8Array(KEY_LENGTH);
  key.set(new TextEncoder().encode(password).subarray(0, KEY_LENGTH));
  return key.map(mirrored);
}

function mirrored(byte: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit += 1) result |= ((byte >> bit) & 1) << (7 - bit);
  return result;
}
