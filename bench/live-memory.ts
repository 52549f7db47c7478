import { readFileSync } from 'node:fs';
import { NodeInspector } from '@remote-access/testkit';

/** A Node process that was started with `--inspect-port=0`. */
export interface MeasuredProcess {
  readonly pid: number;
  /** The file that its stderr is written to. */
  readonly log: string;
}

const MEMORY = `(() => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
})()`;

/**
 * The memory that a Node process uses after a full garbage collection, in bytes. Its resident
 * memory is larger, by what it has not returned to the system.
 */
export async function liveBytes({ pid, log }: MeasuredProcess): Promise<number> {
  const inspector = await NodeInspector.attach(pid, () => readFileSync(log, 'utf8'));
  try {
    await inspector.collectGarbage();
    return (await inspector.evaluate(MEMORY)) as number;
  } finally {
    await inspector.detach();
  }
}
