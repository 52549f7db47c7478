import { RemoteAccessError } from '@remote-access/contracts';
import { BIG_ENDIAN } from './big-endian';
import type { Cryptography } from './cryptography';
import { read, send, type Handshake } from './handshake';
import { greetClient } from './offer-none';
import { VERSIONS } from './protocol-version';
import { SECURITY_TYPES } from './security-types';
import { CHALLENGE_LENGTH, vncResponse } from './vnc-response';

const { VNC_AUTHENTICATION: TYPE } = SECURITY_TYPES;

/**
 * The server's side of a sign-in with a VNC password (RFC 6143, section 7.2.2).
 * @throws RemoteAccessError `sign-in-refused`; the client has been told
 */
export function* demandPassword(password: string, cryptography: Cryptography): Handshake<void> {
  const version = yield* greetClient(VERSIONS.v3_8);
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
  // Before 3.8 a refusal has no reason.
  if (version === VERSIONS.v3_8) {
    const reason = new TextEncoder().encode('Authentication failure');
    yield* send(BIG_ENDIAN.uint32(reason.length), reason);
  }
  throw new RemoteAccessError('sign-in-refused');
}
