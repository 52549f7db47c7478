/** Values that break programs more often than random ones do. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  22,
  65_536,
  1e308,
  '',
  ' ',
  'a',
  '../..',
  '\ud800',
  '\u0000',
  '127.0.0.1\r\nX: y',
  '__proto__',
  'x'.repeat(10_000),
  [],
  {},
  { toString: null, valueOf: null },
  { toJSON: 'text' },
  { length: -1 },
];

const MAX_DEPTH = 4;

/**
 * An arbitrary JSON value, for tests of programs that read JSON written by others.
 * @param random [0, 1), such as `randomSource(seed)`, so that failures can be reproduced
 */
export function arbitraryJson(random: () => number, depth = 0): unknown {
  const below = (limit: number): number => Math.floor(random() * limit);
  const kind = below(depth < MAX_DEPTH ? 8 : 5);
  if (kind < 4) return structuredClone(ODD[below(ODD.length)]);
  if (kind === 4) return (random() - 0.5) * 10 ** below(20);
  if (kind === 5) {
    return String.fromCharCode(...Array.from({ length: below(20) }, () => below(65_536)));
  }
  const items = Array.from({ length: below(5) }, () => arbitraryJson(random, depth + 1));
  if (kind === 6) return items;
  return Object.fromEntries(items.map((item, index) => [`${'abcde'[index]}`, item]));
}
