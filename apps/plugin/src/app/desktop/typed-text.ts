import { keyOf, parseCombination, type Key } from './key-combination';

const BACKSPACE = parseCombination('Backspace')!;

/**
 * What a touch keyboard has changed in a text, as keys: those keyboards send no key events, and
 * correct words that were typed before.
 */
export function keysBetween(before: string, after: string): readonly Key[] {
  const [old, now] = [[...before], [...after]];
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same += 1;
  const erased = Array.from({ length: old.length - same }, () => BACKSPACE).flat();
  return [...erased, ...now.slice(same).map(keyOf)];
}
