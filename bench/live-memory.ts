import { NodeInspector } from '@remote-access/testkit';

const MEMORY = `(() => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
})()`;

/**
 * What a process of Node holds in memory and cannot do without, in bytes: all that is garbage is
 * collected first. What it has of the system is more, by what it has not given back yet.
 */
export async function liveBytes(pid: number): Promise<number> {
  const inspector = await NodeInspector.attach(pid);
  try {
    await inspector.collectGarbage();
    return (await inspector.evaluate(MEMORY)) as number;
  } finally {
    await inspector.detach();
  }
}
