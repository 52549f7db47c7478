import type { ErrorCode } from '@remote-access/contracts';
import { type Disposables, setPooledInterval, startHeartbeat } from '@remote-access/streams';
import type { ClientSide } from './client-side';

/** A browser tab that was put to sleep is noticed within a minute. */
const CLIENT_PING_PERIOD_MS = 15_000;

const MAX_UNANSWERED_PINGS = 2;

/** An idle session is noticed within a twentieth of its timeout, and within 15 s. */
const IDLE_CHECKS_PER_TIMEOUT = 20;
const MAX_IDLE_CHECK_PERIOD_MS = 15_000;

export interface SessionLimits {
  /** A session without a byte for this long ends. */
  readonly idleTimeoutMs: number;
  /** How long a session may last; 0 for no limit. */
  readonly maxDurationMs: number;
}

/** Starts the limits that hold for as long as a session runs. */
export function startLimits(
  limits: Disposables,
  clientSide: ClientSide,
  { idleTimeoutMs, maxDurationMs }: SessionLimits,
  onExceeded: (code: ErrorCode) => void,
): void {
  if (maxDurationMs > 0) limits.timeout(() => onExceeded('session-expired'), maxDurationMs);
  const bytes = (): number => clientSide.bytesIn + clientSide.bytesOut;
  limits.add(startIdleWatch(bytes, idleTimeoutMs, () => onExceeded('idle-timeout')));
  limits.add(
    startHeartbeat(clientSide, {
      periodMs: CLIENT_PING_PERIOD_MS,
      maxUnanswered: MAX_UNANSWERED_PINGS,
      expectsPong: true,
      pings: 'when-silent',
      onDead: () => clientSide.socket.terminate(),
    }),
  );
}

/**
 * Calls back when a count has not changed for a time. It looks now and then, so that counting a
 * byte costs nothing.
 * @returns a function that stops it
 */
export function startIdleWatch(
  count: () => number,
  timeoutMs: number,
  onIdle: () => void,
): () => void {
  let seen = count();
  let since = Date.now();
  const periodMs = Math.min(
    Math.ceil(timeoutMs / IDLE_CHECKS_PER_TIMEOUT),
    MAX_IDLE_CHECK_PERIOD_MS,
  );
  return setPooledInterval(() => {
    const current = count();
    if (current !== seen) {
      seen = current;
      since = Date.now();
    } else if (Date.now() - since >= timeoutMs) {
      onIdle();
    }
  }, periodMs);
}
