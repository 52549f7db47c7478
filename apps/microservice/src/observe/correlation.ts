import { AsyncLocalStorage } from 'node:async_hooks';
import { randomId } from './random-id';

const storage = new AsyncLocalStorage<string>();

/** The id that ties log lines and an error's answer to one request; none outside of requests. */
export function correlationId(): string | undefined {
  return storage.getStore();
}

/** Runs work, and all that it starts, under an id of its own. */
export function correlated<Result>(work: (id: string) => Result): Result {
  const id = randomId();
  return storage.run(id, () => work(id));
}
