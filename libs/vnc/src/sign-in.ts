import { bestMethod } from './best-method';
import { BIG_ENDIAN } from './big-endian';
import { read, send, type Handshake } from './handshake';
import { VERSIONS, type AnnouncedVersion, type Version } from './protocol-version';
import { SECURITY_TYPES } from './security-types';
import { serverReason } from './server-reason';
import type { SignInContext } from './sign-in-context';
import type { SignInMethod } from './sign-in-method';
import { SIGN_IN_METHODS } from './sign-in-methods';
import type { VncTexts } from './vnc-texts';

/** A server that takes us for too old says so here, or just ends the connection. */
export const TYPES = 'its ways to sign in';

/**
 * What a server takes as ways to sign in, after the version has been agreed (RFC 6143, section
 * 7.1.2). Before 3.7 it decides by itself.
 */
export function* offeredTypes(
  version: Version,
  announced: AnnouncedVersion,
  texts: VncTexts,
): Handshake<readonly number[]> {
  if (version === VERSIONS.v3_3) {
    const type = BIG_ENDIAN.readUint32(yield* read(4, TYPES));
    if (type === SECURITY_TYPES.INVALID) throw texts.turnedAway(yield* serverReason());
    return [type];
  }
  const [count = 0] = yield* read(1, TYPES);
  if (count > 0) return [...(yield* read(count, TYPES))];
  const reason = yield* serverReason();
  const isAboutVersion = announced.isBeyond && /version|protocol/i.test(reason);
  throw isAboutVersion
    ? texts.unsupportedVersion(announced.text, reason)
    : texts.turnedAway(reason);
}

/**
 * Signs in by the best of the ways that a server offers, to its word that it succeeded (sections
 * 7.1.2 and 7.1.3).
 *
 * @returns the way that was taken
 * @throws RemoteAccessError for what the server refuses or nobody speaks
 */
export function* signIn(
  version: Version,
  offered: readonly number[],
  context: SignInContext,
): Handshake<SignInMethod> {
  const method = bestMethod(SIGN_IN_METHODS, offered, context);
  if (version > VERSIONS.v3_3) yield* send(BIG_ENDIAN.uint8(method.type));
  yield* method.run(context);
  if (tellsResult(version, method)) yield* signInResult(version, context);
  return method;
}

/** Only 3.8 answers when nothing was asked. */
function tellsResult(version: Version, { type }: SignInMethod): boolean {
  return version === VERSIONS.v3_8 || type !== SECURITY_TYPES.NONE;
}

function* signInResult(version: Version, { texts }: SignInContext): Handshake<void> {
  const result = BIG_ENDIAN.readUint32(yield* read(4, 'its answer to the sign-in'));
  if (result === 0) return;
  throw texts.signInRefused(version === VERSIONS.v3_8 ? yield* serverReason() : '');
}
