import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** The ids in every log line of a request and of the session that it opens. */
export interface LogContext {
  correlationId: string;
  sessionId?: string;
}

const storage = new AsyncLocalStorage<LogContext>();

export function logContext(): Readonly<LogContext> | undefined {
  return storage.getStore();
}

/** The id of the current request, also sent in its response; `undefined` outside of requests. */
export function correlationId(): string | undefined {
  return storage.getStore()?.correlationId;
}

/** Runs a request, and everything asynchronous that it starts, under a new correlation id. */
export function withCorrelationId<Result>(work: (id: string) => Result): Result {
  const id = randomId();
  return storage.run({ correlationId: id }, () => work(id));
}

/** From here on, log lines of the current request contain the session's id. */
export function logSessionId(sessionId: string): void {
  const context = storage.getStore();
  if (context) context.sessionId = sessionId;
}

/** From here on, log lines of the current request contain the ids of the one that it belongs to. */
export function joinLogContext(joined: LogContext | undefined): void {
  Object.assign(storage.getStore() ?? {}, joined);
}

/**
 * 128 random bits in hexadecimal. Retaining it is cheaper than `randomUUID`, whose string keeps
 * half a kilobyte of concatenated parts alive.
 */
export function randomId(): string {
  return randomBytes(16).toString('hex');
}
