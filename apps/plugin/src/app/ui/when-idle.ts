/** Time to draw for browsers without requestIdleCallback. */
const IDLE_AFTER_MS = 500;

/** Runs work that nobody waits for, once the page is idle. */
export function whenIdle(work: () => void): void {
  // Not every browser has it, although the types say so.
  const { requestIdleCallback } = window as Partial<Window>;
  if (requestIdleCallback) requestIdleCallback.call(window, work);
  else setTimeout(work, IDLE_AFTER_MS);
}
