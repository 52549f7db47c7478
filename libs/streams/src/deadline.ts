/**
 * Waits for a result no longer than a deadline.
 *
 * A result that comes too late is handed to `dispose`, a failure that comes too late is dropped:
 * nobody waits for it any more.
 *
 * @param work what is waited for
 * @param deadlineMs how long, in milliseconds
 * @param tooLate makes the error that the caller gets at the deadline
 * @param dispose gives back a late result
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
