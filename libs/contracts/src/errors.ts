import { type ErrorCode, type ErrorEntry, ERRORS } from './error-catalogue';

/**
 * Close codes of RFC 6455, section 7.4.1, that our WebSockets use. Errors of the catalogue use 4000
 * plus their HTTP status.
 */
export const CLOSE_CODES = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  messageTooBig: 1009,
  internal: 1011,
} as const;

/** RFC 6455, section 5.5: a control frame carries 125 bytes, two of which are the close code. */
const MAX_REASON_BYTES = 123;

/** Shortens a reason to fit a close frame, at a character boundary. */
export function closeReason(text: string): string {
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= MAX_REASON_BYTES) return text;
  let kept = '';
  let bytes = encoder.encode('…').length;
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_REASON_BYTES) break;
    kept += character;
  }
  return `${kept}…`;
}

/**
 * An error of the catalogue. `message` is for the user: the detail if there is one, otherwise the
 * text of the catalogue. It never contains a secret.
 */
export class RemoteAccessError extends Error {
  override readonly name = 'RemoteAccessError';
  readonly entry: ErrorEntry;
  /** A hint for this case if there is one, otherwise that of the catalogue. */
  readonly hint: string;

  constructor(
    readonly code: ErrorCode,
    options: { cause?: unknown; detail?: string; hint?: string } = {},
  ) {
    super(options.detail ?? ERRORS[code].text, { cause: options.cause });
    this.entry = ERRORS[code];
    this.hint = options.hint ?? this.entry.hint;
  }
}

/** An error that is returned as a value instead of thrown. */
export type Refusal = RemoteAccessError;

export function isRefusal(value: unknown): value is Refusal {
  return value instanceof RemoteAccessError;
}

/**
 * Whether a refusal only means that no decision was possible, as during an outage of the platform. It must
 * not end what was allowed before.
 */
export function isOutage({ code }: Refusal): boolean {
  return code === 'internal' || isPlatformFailure({ code });
}

/** Whether the platform failed or did not answer. */
export function isPlatformFailure({ code }: Pick<Refusal, 'code'>): boolean {
  return code === 'platform-failed' || code === 'platform-timeout';
}

/** Turns a thrown value into a refusal; anything unexpected becomes `internal`. */
export function asRefusal(cause: unknown): Refusal {
  return isRefusal(cause) ? cause : new RemoteAccessError('internal', { cause });
}

/**
 * Returns a value, but throws if it is a refusal, for frameworks that turn exceptions into
 * responses.
 */
export function orThrow<Value>(answer: Value | Refusal): Value {
  if (isRefusal(answer)) throw answer;
  return answer;
}
