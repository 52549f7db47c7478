/**
 * For a request that is sent before it is certain that its answer is needed. If it fails and is never awaited, the
 * failure does not count as unhandled; awaiting it still throws.
 */
export function askedEarly<Answer>(answer: Promise<Answer>): Promise<Answer> {
  answer.catch(() => undefined);
  return answer;
}
