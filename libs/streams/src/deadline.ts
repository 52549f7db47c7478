/** The longest delay of a timer (2^31 - 1 ms, 24.8 days). Longer ones fire at once. */
export const MAX_DELAY_MS = 2_147_483_647;

/**
 * Limits how long a result is awaited.
 *
 * @param tooLate creates the error for the caller when the deadline passes
 * @param dispose receives a result that arrives later; a later failure is ignored
 */
export function withDeadline<Result>(
  work: Promise<Result>,
  deadlineMs: number,
  tooLate: () => Error,
  dispose: (late: Result) => void = () => undefined,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      reject(tooLate());
    }, deadlineMs);
    work.then(
      result => {
        clearTimeout(timer);
        if (over) dispose(result);
        else resolve(result);
      },
      (cause: unknown) => {
        clearTimeout(timer);
        if (!over) reject(cause instanceof Error ? cause : new Error(String(cause)));
      },
    );
  });
}
