import { FloodDetector } from './pump';

const KIB = 1024;
let clock = 0;
let detector: FloodDetector;
beforeEach(() => {
  clock = 1000;
  detector = new FloodDetector(() => clock);
});

/** @returns whether the last chunk was taken for a flood */
function receive(count: number, bytes: number, everyMs: number): boolean {
  let isFlood = false;
  for (let index = 0; index < count; index += 1) {
    clock += everyMs;
    isFlood = detector.isFlooding(bytes);
  }
  return isFlood;
}

it('detects a flood of small chunks', () => {
  expect(receive(10_000, 4 * KIB, 0.08)).toBe(true);
});

it('does not take a single chunk for a flood, even shortly after one', () => {
  expect(receive(1, 100, 0)).toBe(false);
  receive(10_000, 4 * KIB, 0.08);
  clock += 5;
  expect(detector.isFlooding(100)).toBe(false);
});

it('does not take a redrawn screen for a flood', () => {
  expect(receive(16, 4 * KIB, 0.01)).toBe(false);
});

it('does not take a slow stream or large chunks for a flood', () => {
  expect(receive(1_000, 4 * KIB, 1)).toBe(false);
  expect(receive(1_000, 64 * KIB, 1)).toBe(false);
});

it('does not take TLS records for a flood, because waiting does not make them longer', () => {
  expect(receive(10_000, 13 * KIB, 0.05)).toBe(false);
});

it('does not take the rest of a large chunk that was cut for a flood', () => {
  const floods = Array.from({ length: 1_000 }, (_, index) => {
    clock += 0.3;
    return detector.isFlooding(index % 2 === 0 ? 63 * KIB : 1 * KIB);
  });
  expect(floods).not.toContain(true);
});
