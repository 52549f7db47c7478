/** Generous, because test machines are shared. */
const TIMEOUT_MS = 10_000;

/**
 * Waits for a condition that no event announces.
 *
 * @param what describes the condition, for the error message; a function is called when the time is over
 */
export async function waitUntil(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      const text = typeof what === 'string' ? what : what();
      throw new Error(`Not within ${timeoutMs} ms: ${text}`);
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
