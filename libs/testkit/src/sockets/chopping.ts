/**
 * Splits a parser's input into chunks: whole, byte by byte, and in seeded random cuts, so that
 * failures can be reproduced.
 */
export function* chopped(bytes: Buffer, seeds = 20): Generator<{ name: string; pieces: Buffer[] }> {
  yield { name: 'whole', pieces: [bytes] };
  yield { name: 'byte by byte', pieces: Array.from(bytes, byte => Buffer.from([byte])) };
  for (let seed = 1; seed <= seeds; seed += 1) {
    yield { name: `cut by seed ${seed}`, pieces: cut(bytes, randomSource(seed)) };
  }
}

/** A seeded random number generator, [0, 1) (mulberry32). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function cut(bytes: Buffer, random: () => number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(random() ** 3 * bytes.length);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
