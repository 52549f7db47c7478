import { RemoteAccessError } from '@remote-access/contracts';
import { BIG_ENDIAN } from './big-endian';
import { read, send, type Handshake } from './handshake';
import {
  readVersion,
  VERSION_LENGTH,
  VERSIONS,
  versionLine,
  type Version,
} from './protocol-version';
import { SECURITY_TYPES } from './security-types';

/**
 * The server's side of RFB's handshake: tells a client the version and reads which one it takes.
 */
export function* greetClient(offered: Version): Handshake<Version> {
  yield* send(versionLine(offered));
  const chosen = readVersion(yield* read(VERSION_LENGTH, 'the protocol version'))?.spoken;
  if (chosen !== undefined && chosen <= offered) return chosen;
  throw new RemoteAccessError('malformed-request', {
    detail: `The client did not answer with a version of RFB up to ${offered}.`,
  });
}

/** Offers the one way in that needs no password; a client of 3.3 is told at the end. */
export function* offerNone(version: Version): Handshake<void> {
  if (version < VERSIONS.v3_8) return;
  yield* offerOne();
}

/** Lets the client in, as the service is. */
export function* acceptClient(version: Version): Handshake<void> {
  switch (version) {
    case VERSIONS.v3_3:
      return yield* send(BIG_ENDIAN.uint32(SECURITY_TYPES.NONE));
    case VERSIONS.v3_7:
      return yield* offerOne();
    case VERSIONS.v3_8:
      return yield* send(BIG_ENDIAN.uint32(0));
    default:
      return version satisfies never;
  }
}

/**
 * The result together with the question, for a client that is known to take what is offered: a
 * round trip less before its first picture. The version goes alone: noVNC would not look at what
 * comes together with it.
 */
export function* letIn(): Handshake<void> {
  const version = yield* greetClient(VERSIONS.v3_8);
  if (version === VERSIONS.v3_8) {
    yield* send(Uint8Array.of(1, SECURITY_TYPES.NONE), BIG_ENDIAN.uint32(0));
    const [choice] = yield* read(1, 'the way to sign in');
    if (choice === SECURITY_TYPES.NONE) return;
  }
  throw new RemoteAccessError('malformed-request', {
    detail: 'The client did not answer with version 3.8 of RFB and the security type None.',
  });
}

/** Says why not, in the way of the version. */
export function* refuseClient(version: Version, reason: string): Handshake<void> {
  const text = new TextEncoder().encode(reason);
  const told = [BIG_ENDIAN.uint32(text.length), text];
  switch (version) {
    case VERSIONS.v3_3:
      return yield* send(BIG_ENDIAN.uint32(SECURITY_TYPES.INVALID), ...told);
    case VERSIONS.v3_7:
      return yield* send(BIG_ENDIAN.uint8(0), ...told);
    case VERSIONS.v3_8:
      return yield* send(BIG_ENDIAN.uint32(1), ...told);
    default:
      return version satisfies never;
  }
}

function* offerOne(): Handshake<void> {
  yield* send(Uint8Array.of(1, SECURITY_TYPES.NONE));
  const [choice] = yield* read(1, 'the way to sign in');
  if (choice === SECURITY_TYPES.NONE) return;
  throw new RemoteAccessError('malformed-request', {
    detail: 'The client chose a way to sign in that was not offered.',
  });
}
