import { isRefusal } from '@remote-access/contracts';
import { BIG_ENDIAN } from '../handshake/big-endian';
import { type Handshake, read, send } from '../handshake/handshake';
import { type AnnouncedVersion, type Version, VERSIONS } from '../handshake/protocol-version';
import { SECURITY_TYPES } from '../handshake/security-types';
import type { VncErrors } from '../handshake/vnc-errors';
import { APPLE_DIFFIE_HELLMAN, MS_LOGON_TWO } from './diffie-hellman-methods';
import { NO_AUTHENTICATION } from './plain-authentication';
import { RSA_AES } from './rsa-aes';
import { chooseMethod, type SignInContext, type SignInMethod } from './sign-in-method';
import { TIGHT_AUTHENTICATION } from './tight';
import { TLS, VENCRYPT } from './vencrypt';
import { VNC_AUTHENTICATION } from './vnc-authentication';

/**
 * In order of preference: methods that protect the stream, then those that protect the password,
 * then the others, and no authentication last.
 */
const SIGN_IN_METHODS: readonly SignInMethod[] = [
  VENCRYPT,
  ...RSA_AES,
  TLS,
  APPLE_DIFFIE_HELLMAN,
  MS_LOGON_TWO,
  VNC_AUTHENTICATION,
  TIGHT_AUTHENTICATION,
  NO_AUTHENTICATION,
];

/**
 * Maximum length of a reason that is read: the connection ends after it, so the rest does not
 * matter.
 */
const MAX_REASON_BYTES = 1024;

/**
 * What is being read when a server that requires a newer version says so or closes the connection.
 */
export const TYPES = 'its security types';

/**
 * Reads the security types that a server offers (RFC 6143, section 7.1.2). In version 3.3 the
 * server decides on one.
 */
export function* offeredTypes(
  version: Version,
  announced: AnnouncedVersion,
  errors: VncErrors,
): Handshake<readonly number[]> {
  if (version === VERSIONS.v3_3) {
    const type = BIG_ENDIAN.readUint32(yield* read(4, TYPES));
    if (type === SECURITY_TYPES.INVALID) throw errors.turnedAway(yield* serverReason());
    return [type];
  }
  const [count = 0] = yield* read(1, TYPES);
  if (count > 0) return [...(yield* read(count, TYPES))];
  const reason = yield* serverReason();
  const isAboutVersion = announced.isBeyond && /version|protocol/i.test(reason);
  throw isAboutVersion
    ? errors.unsupportedVersion(announced.text, reason)
    : errors.turnedAway(reason);
}

/**
 * Signs in by the best method that a server offers, and reads the result (RFC 6143, sections 7.1.2
 * and 7.1.3).
 *
 * @returns the chosen method
 * @throws RemoteAccessError if the server refuses, or offers no supported method
 */
export function* signIn(
  version: Version,
  offered: readonly number[],
  context: SignInContext,
): Handshake<SignInMethod> {
  let used: SignInMethod | undefined;
  const observed: SignInContext = {
    ...context,
    onMethod: method => {
      used = method;
      context.onMethod(method);
    },
  };
  const method = chooseMethod(SIGN_IN_METHODS, offered, observed);
  if (version > VERSIONS.v3_3) yield* send(BIG_ENDIAN.uint8(method.type));
  yield* method.run(observed);
  const inner = used ?? method;
  if (!sendsResult(version, method, inner)) return method;
  try {
    yield* readResult(version, context);
  } catch (cause) {
    throw inner.needs === 'nothing' ? cause : refusedWithoutWords(cause, context);
  }
  return method;
}

/** Before version 3.8 no result is sent after no authentication. */
function sendsResult(version: Version, { type }: SignInMethod, inner: SignInMethod): boolean {
  const unanswered = type === SECURITY_TYPES.TLS ? inner.type : type;
  return version === VERSIONS.v3_8 || unanswered !== SECURITY_TYPES.NONE;
}

function* readResult(version: Version, { errors }: SignInContext): Handshake<void> {
  const result = BIG_ENDIAN.readUint32(yield* read(4, RESULT));
  if (result === 0) return;
  throw errors.signInRefused(version === VERSIONS.v3_8 ? yield* givenReason() : '');
}

const RESULT = 'the result of the sign-in';

/** Some servers announce a reason but then send none, or close the connection. */
function* givenReason(): Handshake<string> {
  try {
    return yield* serverReason(REASON_WITHIN_MS);
  } catch {
    return '';
  }
}

const REASON_WITHIN_MS = 2_000;

/**
 * Many servers respond to a wrong credential by closing the connection, and some by sending nothing
 * more.
 */
function refusedWithoutWords(cause: unknown, { errors }: SignInContext): unknown {
  if (!isRefusal(cause)) return cause;
  if (cause.code === 'target-failed') return errors.signInRefused('', 'closed the connection');
  return cause.code === 'target-timeout' ? errors.signInRefused('', 'did not answer') : cause;
}

/** The reason of a refusal: a length and a text (RFC 6143, section 7.1.2). */
function* serverReason(withinMs?: number): Handshake<string> {
  const length = BIG_ENDIAN.readUint32(yield* read(4, 'its reason', withinMs));
  const bytes = yield* read(Math.min(length, MAX_REASON_BYTES), 'its reason', withinMs);
  return new TextDecoder().decode(bytes);
}
