import type { LocalStack } from '@remote-access/testkit';

/** One subject of the benchmarks. */
export interface BenchEntry {
  /** What `npm run bench -- NAME` calls it. */
  readonly name: string;
  /** Takes and prints its figures, on a stack that the entries share. */
  run(stack: LocalStack): Promise<void>;
}
