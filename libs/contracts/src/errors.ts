import { ERRORS, type ErrorCode, type ErrorEntry } from './error-catalogue';

/**
 * An error of the catalogue. `message` is for the user: the detail if there is one, otherwise the
 * text of the catalogue. It never contains a secret.
 */
export class RemoteAccessError extends Error {
  override readonly name = 'RemoteAccessError';
  readonly entry: ErrorEntry;
  /** The hint for this case if there is one, otherwise that of the catalogue. */
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

/** Turns a thrown value into a refusal; anything unexpected becomes `internal`. */
export function asRefusal(cause: unknown): Refusal {
  return isRefusal(cause) ? cause : new RemoteAccessError('internal', { cause });
}

/** Returns a value and throws a refusal, for frameworks that turn exceptions into answers. */
export function orThrow<Value>(answer: Value | Refusal): Value {
  if (isRefusal(answer)) throw answer;
  return answer;
}
