import { RemoteAccessError } from '@remote-access/contracts';
import { BIG_ENDIAN } from './big-endian';
import { type Handshake, read, send } from './handshake';
import {
  readVersion,
  type Version,
  VERSION_LENGTH,
  versionLine,
  VERSIONS,
} from './protocol-version';
import { SECURITY_TYPES } from './security-types';

/*
 * The server's side of the RFB handshake, for clients of a session.
 */

/** Sends a version and reads which one the client chooses (RFC 6143, section 7.1.1). */
export function* negotiateVersion(offered: Version): Handshake<Version> {
  yield* send(versionLine(offered));
  const chosen = readVersion(yield* read(VERSION_LENGTH, 'the protocol version'))?.supported;
  if (chosen !== undefined && chosen <= offered) return chosen;
  throw new RemoteAccessError('malformed-request', {
    detail: `The client did not choose an RFB version up to ${offered}.`,
  });
}

/**
 * Offers a 3.8 client the security type None while the server's result is still unknown. Older
 * clients would take the offer itself as success, so for them `acceptClient` sends it.
 */
export function* offerNoAuthentication(version: Version): Handshake<void> {
  if (version < VERSIONS.v3_8) return;
  yield* offerNone();
}

function* offerNone(): Handshake<void> {
  yield* send(Uint8Array.of(1, SECURITY_TYPES.NONE));
  yield* readChoice(SECURITY_TYPES.NONE);
}

function* readChoice(offered: number): Handshake<void> {
  const [choice] = yield* read(1, 'the way to sign in');
  if (choice === offered) return;
  throw new RemoteAccessError('malformed-request', {
    detail: 'The client chose a security type that was not offered.',
  });
}

/** Tells the client that it is signed in. */
export function* acceptClient(version: Version): Handshake<void> {
  switch (version) {
    case VERSIONS.v3_3:
      return yield* send(BIG_ENDIAN.uint32(SECURITY_TYPES.NONE));
    case VERSIONS.v3_7:
      return yield* offerNone();
    case VERSIONS.v3_8:
      return yield* send(BIG_ENDIAN.uint32(0));
    default:
      return version satisfies never;
  }
}

/**
 * Admits noVNC, which is known to accept the offer: the result is sent together with the offer,
 * which saves a round trip. The version is sent separately, because noVNC ignores whatever follows
 * it in the same message.
 */
export function* acceptViewer(): Handshake<void> {
  const version = yield* negotiateVersion(VERSIONS.v3_8);
  if (version === VERSIONS.v3_8) {
    yield* send(Uint8Array.of(1, SECURITY_TYPES.NONE), BIG_ENDIAN.uint32(0));
    const [choice] = yield* read(1, 'the way to sign in');
    if (choice === SECURITY_TYPES.NONE) return;
  }
  throw new RemoteAccessError('malformed-request', {
    detail: 'The client did not choose RFB 3.8 and the security type None.',
  });
}

/**
 * Has a client answer the challenge of VNC authentication (RFC 6143, section 7.2.2). The result is
 * sent once the server has decided.
 */
export function* forwardChallenge(version: Version, challenge: Uint8Array): Handshake<Uint8Array> {
  const { VNC_AUTHENTICATION } = SECURITY_TYPES;
  if (version === VERSIONS.v3_3) {
    yield* send(BIG_ENDIAN.uint32(VNC_AUTHENTICATION), challenge);
  } else {
    yield* send(Uint8Array.of(1, VNC_AUTHENTICATION));
    yield* readChoice(VNC_AUTHENTICATION);
    yield* send(challenge);
  }
  return yield* read(challenge.length, 'the answer to the challenge');
}

/** Refuses a client after its answer to a challenge. Versions before 3.8 send no reason. */
export function* refuseAnswer(version: Version, reason: string): Handshake<void> {
  if (version === VERSIONS.v3_8) yield* refuseClient(version, reason);
  else yield* send(BIG_ENDIAN.uint32(1));
}

/** Refuses a client instead of offering security types. */
export function* refuseOffer(version: Version, reason: string): Handshake<void> {
  yield* refuseClient(version === VERSIONS.v3_8 ? VERSIONS.v3_7 : version, reason);
}

/** Sends the reason of a refusal at the point where the client's version expects it. */
export function* refuseClient(version: Version, reason: string): Handshake<void> {
  const text = new TextEncoder().encode(reason);
  const message = [BIG_ENDIAN.uint32(text.length), text];
  switch (version) {
    case VERSIONS.v3_3:
      return yield* send(BIG_ENDIAN.uint32(SECURITY_TYPES.INVALID), ...message);
    case VERSIONS.v3_7:
      return yield* send(BIG_ENDIAN.uint8(0), ...message);
    case VERSIONS.v3_8:
      return yield* send(BIG_ENDIAN.uint32(1), ...message);
    default:
      return version satisfies never;
  }
}

/**
 * Repeats to the client what the server has sent so far (its version and security types), so that
 * the client can sign in itself.
 */
export function* forwardServerOffer(version: Version, offered: readonly number[]): Handshake<void> {
  const chosen = yield* negotiateVersion(version);
  if (chosen !== version) {
    throw new RemoteAccessError('malformed-request', {
      detail: `The client did not choose RFB ${version}, which the server uses.`,
    });
  }
  if (version === VERSIONS.v3_3) yield* send(BIG_ENDIAN.uint32(offered[0] ?? 0));
  else yield* send(Uint8Array.of(offered.length, ...offered));
}

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Reads ClientInit and sends ServerInit (RFC 6143, section 7.3).
 *
 * @param pixelFormat 16 bytes
 * @returns whether the client shares the screen with others
 */
export function* serverInit(
  { width, height }: ScreenSize,
  pixelFormat: Uint8Array,
  name: string,
): Handshake<boolean> {
  const [shared] = yield* read(1, 'whether the screen is shared');
  const text = new TextEncoder().encode(name);
  yield* send(
    BIG_ENDIAN.uint16(width),
    BIG_ENDIAN.uint16(height),
    pixelFormat,
    BIG_ENDIAN.uint32(text.length),
    text,
  );
  return shared !== 0;
}
