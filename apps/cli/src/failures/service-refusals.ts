import { ERRORS, printable, type ErrorCode } from '@remote-access/contracts';
import { CliFailure, type FailureKind } from './failure';

const SERVICE_PREFIX = 'remoteaccess/';

/** Maximum length of a message from the platform that is shown. */
const MAX_MESSAGE_CHARACTERS = 1_000;

/** Refusals that may resolve themselves without the caller changing anything. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'shutting-down',
  'platform-failed',
  'platform-timeout',
  'ticket-invalid',
]);

const KINDS: Readonly<Partial<Record<ErrorCode, FailureKind>>> = {
  unauthenticated: 'sign-in',
  'ticket-invalid': 'sign-in',
  'not-capable': 'unsuitable',
  'protocol-not-allowed': 'unsuitable',
  'endpoint-unconfirmed': 'unsuitable',
  'view-only': 'unsuitable',
  'notice-not-accepted': 'forbidden',
  'idle-timeout': 'unreachable',
  'session-expired': 'unreachable',
  'endpoint-changed': 'unreachable',
  'gateway-refused': 'unreachable',
  'gateway-lost': 'unreachable',
  'gateway-protocol': 'unreachable',
  'gateway-timeout': 'unreachable',
  'target-failed': 'unreachable',
  'target-timeout': 'unreachable',
  'sign-in-refused': 'unreachable',
  'reader-stalled': 'unreachable',
};

/**
 * The failure for an error of the service's catalogue; also accepts codes that are newer than this
 * program.
 *
 * @param httpStatus of the answer; `undefined` if the error ended a session, whose messages have none
 */
export function refusalOf(code: string, httpStatus: number | undefined, text: string): CliFailure {
  const entry = Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined;
  return new CliFailure(
    KINDS[code as ErrorCode] ?? kindOf(httpStatus ?? entry?.httpStatus ?? 502),
    text || (entry?.text ?? `Refused with ${code}.`),
    {
      code,
      isTransient: TRANSIENT_CODES.has(code),
      ...(entry && hintOf(entry.hint)),
    },
  );
}

/** Without sentences about the detail: with the service's message, this program has shown it already. */
function hintOf(text: string): { hint?: string } {
  const hint = text.replace(/The detail [^.]*\.\s*/g, '').trim();
  return hint === '' ? {} : { hint };
}

/** The failure for an HTTP response of the platform or the service. */
export function httpFailure(status: number, body: unknown, what: string): CliFailure {
  const { error, message } = (body ?? {}) as { error?: unknown; message?: unknown };
  const text =
    typeof message === 'string' ? printable(message, MAX_MESSAGE_CHARACTERS) : `HTTP ${status}`;
  if (typeof error === 'string' && error.startsWith(SERVICE_PREFIX)) {
    return refusalOf(error.slice(SERVICE_PREFIX.length), status, text);
  }
  // Proxies in front of a service that is restarting respond with these.
  const isTransient = [502, 503, 504].includes(status);
  return new CliFailure(kindOf(status), `${what}: ${text}`, { isTransient });
}

function kindOf(status: number): FailureKind {
  switch (status) {
    case 401:
      return 'sign-in';
    case 403:
    case 428:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 422:
    case 424:
      return 'unsuitable';
    default:
      return 'platform';
  }
}
