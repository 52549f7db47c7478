import type { LocalStack } from '@remote-access/testkit';

/** One benchmark. */
export interface BenchEntry {
  /** The NAME in `npm run bench -- NAME`. */
  readonly name: string;
  /** Measures and prints its figures, on a stack that all benchmarks share. */
  run(stack: LocalStack): Promise<void>;
}
