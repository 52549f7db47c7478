/** Time to draw for browsers without requestIdleCallback. */
const IDLE_AFTER_MS = 500;

/**
 * Runs work that nobody waits for, once the page is idle.
 *
 * @param withinMs runs it after this time even if the page is still busy
 */
export function whenIdle(work: () => void, withinMs?: number): void {
  // Some browsers lack it, although the types say otherwise.
  const { requestIdleCallback } = window as Partial<Window>;
  const options = withinMs === undefined ? undefined : { timeout: withinMs };
  if (requestIdleCallback) requestIdleCallback.call(window, work, options);
  else setTimeout(work, IDLE_AFTER_MS);
}
