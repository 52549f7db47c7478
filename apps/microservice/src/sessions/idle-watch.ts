import { setPooledInterval } from '@remote-access/streams';

/** How exactly an idle session is noticed: within a twentieth of its timeout, or 15 s. */
const CHECKS_PER_TIMEOUT = 20;
const MAX_CHECK_PERIOD_MS = 15_000;

/**
 * Tells when a count has not moved for a time. It looks now and then, so that a byte costs nothing.
 * @returns stops it
 */
export function startIdleWatch(
  count: () => number,
  timeoutMs: number,
  onIdle: () => void,
): () => void {
  let seen = count();
  let since = Date.now();
  const periodMs = Math.min(Math.ceil(timeoutMs / CHECKS_PER_TIMEOUT), MAX_CHECK_PERIOD_MS);
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
