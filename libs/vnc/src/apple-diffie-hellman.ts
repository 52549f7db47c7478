import { BIG_ENDIAN } from './big-endian';
import { answerDiffieHellman } from './diffie-hellman';
import { filledText } from './filled-text';
import { read, send, type Handshake } from './handshake';
import { heldCredentials } from './held-credentials';
import { SECURITY_TYPES } from './security-types';
import type { SignInMethod } from './sign-in-method';

/** Apple's servers have 128; more than this would only keep us busy. */
const MAX_KEY_BYTES = 512;

const FIELD_BYTES = 64;

/** Apple's Remote Desktop: Diffie-Hellman, then both texts by AES with the secret's MD5. */
export const APPLE_DIFFIE_HELLMAN: SignInMethod = {
  type: SECURITY_TYPES.APPLE_DIFFIE_HELLMAN,
  name: 'Apple Remote Desktop',
  needs: 'username and password',

  *run(context): Handshake<void> {
    const { cryptography, texts } = context;
    const head = yield* read(4, 'its Diffie-Hellman group');
    const keyBytes = BIG_ENDIAN.readUint16(head, 2);
    if (keyBytes === 0 || keyBytes > MAX_KEY_BYTES) {
      throw texts.brokenSignIn(`its Diffie-Hellman group has ${keyBytes} bytes`);
    }
    const prime = yield* read(keyBytes, 'its Diffie-Hellman group');
    const serverPublic = yield* read(keyBytes, 'its Diffie-Hellman key');
    const offer = { generator: head.subarray(0, 2), prime, serverPublic };
    const answer = answerDiffieHellman(offer, cryptography);
    if (!answer) throw texts.brokenSignIn('its Diffie-Hellman key protects nothing');
    const { username, password } = yield* heldCredentials(context, 'username and password');
    const fields = new Uint8Array(2 * FIELD_BYTES);
    fields.set(filledText(username, FIELD_BYTES, cryptography));
    fields.set(filledText(password, FIELD_BYTES, cryptography), FIELD_BYTES);
    const key = cryptography.md5(answer.secret);
    yield* send(cryptography.aesEcb(key, fields), answer.clientPublic);
  },
};
