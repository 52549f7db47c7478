/**
 * A request that was sent before it is certain that its answer is wanted: if nobody waits for it in the
 * end, its failure is nobody's.
 */
export function askedEarly<Answer>(answer: Promise<Answer>): Promise<Answer> {
  answer.catch(() => undefined);
  return answer;
}
