import { RemoteAccessError } from '@remote-access/contracts';

/** A "no" that is returned, with its code, words and hint from the error catalogue. */
export type Refusal = RemoteAccessError;

/** Tells a refusal from the value that was asked for. */
export function isRefusal(value: unknown): value is Refusal {
  return value instanceof RemoteAccessError;
}
