import { answerDiffieHellman } from './diffie-hellman';
import { filledText } from './filled-text';
import { read, send, type Handshake } from './handshake';
import { heldCredentials } from './held-credentials';
import { mirroredBits } from './mirrored-bits';
import { SECURITY_TYPES } from './security-types';
import type { SignInMethod } from './sign-in-method';

const NUMBER_BYTES = 8;
const USERNAME_BYTES = 256;
const PASSWORD_BYTES = 64;

/**
 * UltraVNC's MS-Logon II: Diffie-Hellman of 64 bits, then both texts by DES in CBC with the secret
 * as key and start. It keeps honest people out of a password's way, not more.
 */
export const MS_LOGON_TWO: SignInMethod = {
  type: SECURITY_TYPES.MS_LOGON_II,
  name: 'MS-Logon II',
  needs: 'username and password',

  *run(context): Handshake<void> {
    const { cryptography, texts } = context;
    const generator = yield* read(NUMBER_BYTES, 'its Diffie-Hellman group');
    const prime = yield* read(NUMBER_BYTES, 'its Diffie-Hellman group');
    const serverPublic = yield* read(NUMBER_BYTES, 'its Diffie-Hellman key');
    const answer = answerDiffieHellman({ generator, prime, serverPublic }, cryptography);
    if (!answer) throw texts.brokenSignIn('its Diffie-Hellman key protects nothing');
    const { username, password } = yield* heldCredentials(context, 'username and password');
    const { secret, clientPublic } = answer;
    const enciphered = (text: string, length: number): Uint8Array => {
      const field = filledText(text, length, cryptography);
      return cryptography.desCbc(mirroredBits(secret), secret, field);
    };
    yield* send(
      clientPublic,
      enciphered(username, USERNAME_BYTES),
      enciphered(password, PASSWORD_BYTES),
    );
  },
};
