import { RemoteAccessError } from './errors';

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
