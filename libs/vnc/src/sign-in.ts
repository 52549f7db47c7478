import { BIG_ENDIAN } from './big-endian';
import { read, send, type Handshake } from './handshake';
import { VERSIONS, versionLine, type AnnouncedVersion, type Version } from './protocol-version';
import { SECURITY_TYPES } from './security-types';
import { serverReason } from './server-reason';
import type { SignInContext } from './sign-in-context';
import { chooseSignIn } from './sign-in-methods';
import type { SignInMethod } from './sign-in-method';

/** A server that takes us for too old says so here, or just ends the connection. */
export const TYPES = 'its ways to sign in';

/**
 * The client's side of RFB's handshake, from the server's version to the word that the sign-in
 * succeeded (RFC 6143, sections 7.1.1 to 7.1.3).
 *
 * @throws RemoteAccessError for what the server refuses or nobody speaks
 */
export function* signIn(server: AnnouncedVersion, context: SignInContext): Handshake<void> {
  const version = server.spoken ?? VERSIONS.v3_8;
  yield* send(versionLine(version));
  const offered = yield* securityTypes(version, server, context);
  const method = chooseSignIn(offered, context);
  if (version > VERSIONS.v3_3) yield* send(BIG_ENDIAN.uint8(method.type));
  yield* method.run(context);
  if (tellsResult(version, method)) yield* signInResult(version, context);
}

/** Before 3.7 the server decides; afterwards it lists what it takes. */
export function* securityTypes(
  version: Version,
  server: AnnouncedVersion,
  { texts }: Pick<SignInContext, 'texts'>,
): Handshake<readonly number[]> {
  if (version === VERSIONS.v3_3) {
    const type = BIG_ENDIAN.readUint32(yield* read(4, TYPES));
    if (type === SECURITY_TYPES.INVALID) throw texts.turnedAway(yield* serverReason());
    return [type];
  }
  const [count = 0] = yield* read(1, TYPES);
  if (count > 0) return [...(yield* read(count, TYPES))];
  const reason = yield* serverReason();
  const isAboutVersion = server.isBeyond && /version|protocol/i.test(reason);
  throw isAboutVersion ? texts.unsupportedVersion(server.text, reason) : texts.turnedAway(reason);
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
