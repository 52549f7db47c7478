import { RemoteAccessError } from '@remote-access/contracts';
import type { Cryptography } from '../crypto/cryptography';
import { BIG_ENDIAN } from '../handshake/big-endian';
import { type Handshake, read, send, wait } from '../handshake/handshake';
import { VERSIONS } from '../handshake/protocol-version';
import { SECURITY_TYPES } from '../handshake/security-types';
import { negotiateVersion } from '../handshake/server-role';
import { requireCredentials, type SignInMethod } from './sign-in-method';

const { VNC_AUTHENTICATION: TYPE } = SECURITY_TYPES;

export const CHALLENGE_LENGTH = 16;

const KEY_LENGTH = 8;

/** Encrypts the server's challenge with the VNC password (RFC 6143, section 7.2.2). */
export const VNC_AUTHENTICATION: SignInMethod = {
  type: TYPE,
  name: 'VNC password',
  needs: 'password',

  *run(context): Handshake<void> {
    const challenge = yield* read(CHALLENGE_LENGTH, 'its challenge');
    const { credentials, answerChallenge } = context;
    if (credentials.password === undefined && answerChallenge) {
      return yield* send(yield* wait(() => answerChallenge(challenge)));
    }
    const { password } = yield* requireCredentials(context, 'password');
    const { isUtf8Server = false, swapsEncoding = false } = context;
    const encoding = isUtf8Server === swapsEncoding ? 'latin1' : 'utf-8';
    yield* send(vncResponse(password, challenge, context.cryptography, encoding));
  },
};

export function vncResponse(
  password: string,
  challenge: Uint8Array,
  cryptography: Pick<Cryptography, 'desEcb'>,
  encoding: PasswordEncoding = 'latin1',
): Uint8Array {
  return cryptography.desEcb(keyOf(password, encoding), challenge);
}

type PasswordEncoding = 'latin1' | 'utf-8';

/** Whether servers may disagree about the encoding of a VNC password. */
export function isAmbiguous(password: string): boolean {
  return /[^\x00-\x7f]/.test(password) && isLatin1(password);
}

function isLatin1(password: string): boolean {
  return [...password].every(character => (character.codePointAt(0) ?? 0) <= 0xff);
}

/**
 * The password truncated or zero-padded to eight bytes: in Latin-1, as used by Windows servers and
 * old viewers, or in UTF-8, as used by servers on free systems and whenever Latin-1 lacks one of
 * its characters.
 */
function keyOf(password: string, encoding: PasswordEncoding): Uint8Array {
  const key = new Uint8Array(KEY_LENGTH);
  const bytes =
    encoding === 'latin1' && isLatin1(password)
      ? Uint8Array.from(password, character => character.charCodeAt(0))
      : new TextEncoder().encode(password);
  key.set(bytes.subarray(0, KEY_LENGTH));
  return reverseBits(key);
}

/** VNC reverses the bits in each byte of a DES key. */
export function reverseBits(key: Uint8Array): Uint8Array {
  return key.map(byte => {
    let result = 0;
    for (let bit = 0; bit < 8; bit += 1) result |= ((byte >> bit) & 1) << (7 - bit);
    return result;
  });
}

/**
 * The server's side of VNC authentication, up to the result that the client receives.
 * @throws RemoteAccessError `sign-in-refused` after a wrong password
 */
export function* requirePassword(password: string, cryptography: Cryptography): Handshake<void> {
  const version = yield* negotiateVersion(VERSIONS.v3_8);
  if (version === VERSIONS.v3_3) {
    yield* send(BIG_ENDIAN.uint32(TYPE));
  } else {
    yield* send(Uint8Array.of(1, TYPE));
    yield* read(1, 'the way to sign in');
  }
  const challenge = cryptography.randomBytes(CHALLENGE_LENGTH);
  yield* send(challenge);
  const response = yield* read(CHALLENGE_LENGTH, 'the answer to the challenge');
  const expected = vncResponse(password, challenge, cryptography);
  const isRight = response.every((byte, at) => byte === expected[at]);
  yield* send(BIG_ENDIAN.uint32(isRight ? 0 : 1));
  if (isRight) return;
  // Versions before 3.8 send no reason.
  if (version === VERSIONS.v3_8) {
    const reason = new TextEncoder().encode('Authentication failure');
    yield* send(BIG_ENDIAN.uint32(reason.length), reason);
  }
  throw new RemoteAccessError('sign-in-refused');
}
