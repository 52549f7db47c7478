/** How long a test waits for something that should happen at once; generous, machines are shared. */
const PATIENCE_MS = 10_000;

/**
 * Waits for a condition that no event announces.
 *
 * @param what is waited for, for the message when it does not come
 */
export async function waitUntil(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${patienceMs} ms in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
