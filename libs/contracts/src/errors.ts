import { ERRORS, type ErrorCode, type ErrorEntry } from './error-catalogue';

/**
 * A refusal or failure of the product. `message` is for the user: the detail where there is one,
 * else the text of the catalogue. It never holds a secret.
 */
export class RemoteAccessError extends Error {
  override readonly name = 'RemoteAccessError';
  readonly entry: ErrorEntry;
  /** What to try: of this very case where more is known of it, else that of the catalogue. */
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

/** A "no" that is returned, with its code, words and hint from the error catalogue. */
export type Refusal = RemoteAccessError;

/** Tells a refusal from the value that was asked for. */
export function isRefusal(value: unknown): value is Refusal {
  return value instanceof RemoteAccessError;
}

/** What was thrown as a "no"; what is none is a fault of ours. */
export function asRefusal(cause: unknown): Refusal {
  return isRefusal(cause) ? cause : new RemoteAccessError('internal', { cause });
}

/** For frameworks that answer exceptions: gives the value, throws a refusal. */
export function orThrow<Value>(answer: Value | Refusal): Value {
  if (isRefusal(answer)) throw answer;
  return answer;
}
