import { randomBytes } from 'node:crypto';
import { maskInPlace, type Masking, maskWithoutNativeCode, nextMask } from './frame';

const LENGTHS = [0, 1, 2, 3, 4, 5, 63, 64, 65, 66, 67, 95, 96, 97, 1_000, 4_099, 65_536];

describe.each<[string, Masking]>([
  ['with native code', maskInPlace],
  ['in JavaScript', maskWithoutNativeCode],
])('masking %s', (_name, masking) => {
  it.each(LENGTHS)('changes and moves %i bytes, and no others', length => {
    for (const [offset, from, to] of [
      [0, 0, 0],
      [1, 6, 6],
      [2, 14, 3],
      [3, 8, 7],
    ] as const) {
      const key = randomBytes(4);
      const pool = randomBytes(offset + from + length + 16);
      const bytes = pool.subarray(offset);
      const before = Buffer.from(bytes);
      masking(bytes, from, length, key, to);
      const expected = Buffer.from(before.subarray(from, from + length));
      for (let at = 0; at < length; at += 1) expected[at] = expected[at]! ^ key[at & 3]!;
      expect(bytes.subarray(to, to + length).equals(expected)).toBe(true);
      expect(bytes.subarray(0, to).equals(before.subarray(0, to))).toBe(true);
      const end = Math.max(from + length, to + length);
      expect(bytes.subarray(end).equals(before.subarray(end))).toBe(true);
    }
  });
});

it('generates a different mask for each frame, for any number of frames', () => {
  const masks = Array.from({ length: 5_000 }, () => nextMask().toString('hex'));
  // Of 2^32 masks, two of 5,000 coincide in one of 340 runs; three pairs never do.
  expect(new Set(masks).size).toBeGreaterThan(4_996);
});
