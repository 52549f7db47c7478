import { FloodDetector } from './flood-detector';

const KIB = 1024;
let clock = 0;
let pieces: FloodDetector;
beforeEach(() => {
  clock = 1000;
  pieces = new FloodDetector(() => clock);
});

/** @returns whether the last of the pieces was worth waiting for the next */
function come(count: number, bytes: number, everyMs: number): boolean {
  let worth = false;
  for (let index = 0; index < count; index += 1) {
    clock += everyMs;
    worth = pieces.isFlooding(bytes);
  }
  return worth;
}

it('waits in a flood of small pieces', () => {
  expect(come(10_000, 4 * KIB, 0.08)).toBe(true);
});

it('waits for nothing that comes alone, also behind a flood', () => {
  expect(come(1, 100, 0)).toBe(false);
  come(10_000, 4 * KIB, 0.08);
  clock += 5;
  expect(pieces.isFlooding(100)).toBe(false);
});

it('waits for no screen that is drawn at once', () => {
  expect(come(16, 4 * KIB, 0.01)).toBe(false);
});

it('waits for no slow stream, and for no large pieces', () => {
  expect(come(1_000, 4 * KIB, 1)).toBe(false);
  expect(come(1_000, 64 * KIB, 1)).toBe(false);
});
