/**
 * Runs work for many things, a few at a time, so that the platform is not flooded.
 * @returns the results in the order of the things
 */
export async function sideBySide<Thing, Result>(
  things: readonly Thing[],
  width: number,
  work: (thing: Thing) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(things.length);
  const waiting = things.entries();
  const worker = async (): Promise<void> => {
    // One iterator for all workers: each thing is taken once.
    for (const [index, thing] of waiting) results[index] = await work(thing);
  };
  await Promise.all(Array.from({ length: Math.min(width, things.length) }, worker));
  return results;
}
