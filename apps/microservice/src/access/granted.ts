import { isRefusal, type Refusal } from '@remote-access/contracts';

/** The border to Nest, where refusals become exceptions that its filter answers. */
export function granted<Value>(answer: Value | Refusal): Value {
  if (isRefusal(answer)) throw answer;
  return answer;
}
