import type { Cryptography } from '../crypto/cryptography';
import { answerDiffieHellman } from '../crypto/diffie-hellman';
import { BIG_ENDIAN } from '../handshake/big-endian';
import { type Handshake, read, send } from '../handshake/handshake';
import { SECURITY_TYPES } from '../handshake/security-types';
import { requireCredentials, type SignInMethod } from './sign-in-method';
import { reverseBits } from './vnc-authentication';

/** Apple's servers use 128 bytes; computing with much larger numbers would block the process. */
const MAX_KEY_BYTES = 512;

/** An eavesdropper could compute the secret of a smaller group. */
const LEAST_KEY_BYTES = 128;

const APPLE_FIELD_BYTES = 64;

/**
 * Apple Remote Desktop: Diffie-Hellman, then both texts encrypted with AES; the key is the MD5 of
 * the secret.
 */
export const APPLE_DIFFIE_HELLMAN: SignInMethod = {
  type: SECURITY_TYPES.APPLE_DIFFIE_HELLMAN,
  name: 'Apple Remote Desktop',
  needs: 'username and password',

  *run(context): Handshake<void> {
    const { cryptography, errors } = context;
    const head = yield* read(4, 'its Diffie-Hellman group');
    const keyBytes = BIG_ENDIAN.readUint16(head, 2);
    if (keyBytes === 0 || keyBytes > MAX_KEY_BYTES) {
      throw errors.brokenSignIn(`its Diffie-Hellman group has ${keyBytes} bytes`);
    }
    if (keyBytes < LEAST_KEY_BYTES) {
      const name = `Apple Remote Desktop with ${8 * keyBytes} bits`;
      if (!context.rules.allowsUnencrypted) throw errors.unencryptedSignIn([name]);
      context.onMethod({ ...APPLE_DIFFIE_HELLMAN, name, isUnencrypted: true });
    }
    const prime = yield* read(keyBytes, 'its Diffie-Hellman group');
    const serverPublic = yield* read(keyBytes, 'its Diffie-Hellman key');
    const offer = { generator: head.subarray(0, 2), prime, serverPublic };
    const answer = answerDiffieHellman(offer, cryptography);
    if (!answer) throw errors.brokenSignIn('its Diffie-Hellman key is insecure');
    const { username, password } = yield* requireCredentials(context, 'username and password');
    const fields = new Uint8Array(2 * APPLE_FIELD_BYTES);
    fields.set(paddedField(username, APPLE_FIELD_BYTES, cryptography));
    fields.set(paddedField(password, APPLE_FIELD_BYTES, cryptography), APPLE_FIELD_BYTES);
    const key = cryptography.md5(answer.secret);
    yield* send(cryptography.aesEcb(key)(fields), answer.clientPublic);
  },
};

const MS_LOGON_NUMBER_BYTES = 8;
const USERNAME_BYTES = 256;
const PASSWORD_BYTES = 64;

/**
 * UltraVNC's MS-Logon II: 64-bit Diffie-Hellman, then both texts encrypted with DES-CBC, with the
 * secret as key and IV. This is only obfuscation: anyone who records the connection can compute the
 * password.
 */
export const MS_LOGON_TWO: SignInMethod = {
  type: SECURITY_TYPES.MS_LOGON_II,
  name: 'MS-Logon II',
  needs: 'username and password',
  isUnencrypted: true,

  *run(context): Handshake<void> {
    const { cryptography, errors } = context;
    const generator = yield* read(MS_LOGON_NUMBER_BYTES, 'its Diffie-Hellman group');
    const prime = yield* read(MS_LOGON_NUMBER_BYTES, 'its Diffie-Hellman group');
    const serverPublic = yield* read(MS_LOGON_NUMBER_BYTES, 'its Diffie-Hellman key');
    const answer = answerDiffieHellman({ generator, prime, serverPublic }, cryptography);
    if (!answer) throw errors.brokenSignIn('its Diffie-Hellman key is insecure');
    const { username, password } = yield* requireCredentials(context, 'username and password');
    const { secret, clientPublic } = answer;
    const encrypted = (text: string, length: number): Uint8Array => {
      const field = paddedField(text, length, cryptography);
      return cryptography.desCbc(reverseBits(secret), secret, field);
    };
    yield* send(
      clientPublic,
      encrypted(username, USERNAME_BYTES),
      encrypted(password, PASSWORD_BYTES),
    );
  },
};

/** A zero-terminated text in a field of fixed length, padded with random bytes. */
function paddedField(
  text: string,
  length: number,
  { randomBytes }: Pick<Cryptography, 'randomBytes'>,
): Uint8Array {
  const field = Uint8Array.from(randomBytes(length));
  const bytes = new TextEncoder().encode(text).subarray(0, length - 1);
  field.set(bytes);
  field[bytes.length] = 0;
  return field;
}
