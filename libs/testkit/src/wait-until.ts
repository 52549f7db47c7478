/** Generous, because test machines are shared. */
const TIMEOUT_MS = 10_000;

/**
 * The first pause, and the longest. In between, a pause is a twentieth of the time so far: what takes
 * long is asked for less often, and the processor is free for what is waited for.
 */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [5, 50];
const PAUSE_SHARE = 0.05;

/** Longer than any pause in the transfer of bytes on one machine. */
const STEADY_MS = 200;

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
  const startedAt = performance.now();
  while (!(await holds())) {
    const passedMs = performance.now() - startedAt;
    if (passedMs > timeoutMs) {
      const text = typeof what === 'string' ? what : what();
      throw new Error(`Not within ${timeoutMs} ms: ${text}`);
    }
    const pauseMs = Math.max(FIRST_PAUSE_MS, Math.min(passedMs * PAUSE_SHARE, LONGEST_PAUSE_MS));
    await new Promise(resolve => setTimeout(resolve, pauseMs));
  }
}

/**
 * Waits until a number that is not 0 no longer changes. Only time shows that nothing more happens.
 *
 * @returns the number
 */
export async function untilSteady(
  what: string,
  count: () => number | Promise<number>,
): Promise<number> {
  let last = 0;
  await waitUntil(what, async () => {
    const before = last;
    last = await count();
    if (last === before && last > 0) return true;
    await new Promise(resolve => setTimeout(resolve, STEADY_MS));
    return false;
  });
  return last;
}
