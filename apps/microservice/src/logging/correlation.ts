import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

const storage = new AsyncLocalStorage<string>();

/** The id that ties log lines and an error's answer to one request; none outside of requests. */
export function correlationId(): string | undefined {
  return storage.getStore();
}

/** Runs work, and all that it starts, under an id of its own. */
export function withCorrelationId<Result>(work: (id: string) => Result): Result {
  const id = randomId();
  return storage.run(id, () => work(id));
}

/**
 * 128 random bits as 32 hexadecimal digits, for what is held long: the text of `randomUUID` stays
 * in memory as the pieces that it is made of, half a kilobyte.
 */
export function randomId(): string {
  return randomBytes(16).toString('hex');
}
