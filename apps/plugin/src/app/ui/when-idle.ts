/** Browsers without requestIdleCallback get this long for what they have to draw. */
const IDLE_AFTER_MS = 500;

/** Does what the user does not wait for once the page has nothing else to do. */
export function whenIdle(work: () => void): void {
  // Some browsers do not have it, whatever the types say.
  const { requestIdleCallback } = window as Partial<Window>;
  if (requestIdleCallback) requestIdleCallback.call(window, work);
  else setTimeout(work, IDLE_AFTER_MS);
}
