import { readFileSync } from 'node:fs';
import { NodeInspector } from '@remote-access/testkit';

/** A process of Node that was started with `--inspect-port=0`. */
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
 * What a process of Node holds in memory and cannot do without, in bytes: all that is garbage is
 * collected first. What it has of the system is more, by what it has not given back yet.
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
