import type { ErrorEntry } from './error-entry';
import { REQUEST_ERRORS } from './request-errors';
import { SERVICE_ERRORS } from './service-errors';
import { SESSION_ERRORS } from './session-errors';

/** Every error of the product by its code. `docs/errors.md` is held to this table by a test. */
export const ERRORS = {
  ...REQUEST_ERRORS,
  ...SESSION_ERRORS,
  ...SERVICE_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Whether a text is a code of the catalogue. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

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
