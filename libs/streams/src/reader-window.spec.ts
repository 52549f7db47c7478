import { ReaderWindow } from './reader-window';

const KIB = 1024;
const LEAST = 256 * KIB;
const MOST = 1024 * KIB;

/** A reader who has all of the window before it, and reads it in pieces. */
class Reader {
  clock = 0;
  readBytes = 0;
  readonly window = new ReaderWindow(
    { leastBytes: LEAST, mostBytes: MOST, spanMs: 20 },
    () => this.clock,
  );

  /** @param piece is read at once, after the time that it takes */
  read(bytes: number, bytesPerMs: number, piece: () => number = () => 32 * KIB): void {
    for (const end = this.readBytes + bytes; this.readBytes < end;) {
      const size = piece();
      this.clock += size / bytesPerMs;
      this.readBytes += size;
      this.window.advance(this.readBytes);
    }
  }
}

let reader: Reader;
beforeEach(() => {
  reader = new Reader();
});

it('is small for a reader of whom nothing is known', () => {
  expect(reader.window.bytes).toBe(LEAST);
});

it('is what a reader takes in the span', () => {
  reader.read(50_000 * KIB, 30_000);
  expect(reader.window.bytes).toBeGreaterThan(0.95 * 20 * 30_000);
  expect(reader.window.bytes).toBeLessThan(1.05 * 20 * 30_000);
});

it('knows a fast reader within a few spans', () => {
  reader.read(60 * 80_000, 80_000);
  expect(reader.window.bytes).toBeGreaterThan(0.9 * MOST);
});

it('grows no further than its bound', () => {
  reader.read(200_000 * KIB, 200_000);
  expect(reader.window.bytes).toBe(MOST);
});

it('stays small for who reads slowly, whatever came before', () => {
  reader.read(50_000 * KIB, 60_000);
  reader.read(4 * MOST, 2_000);
  expect(reader.window.bytes).toBe(LEAST);
});

it('is small again after a pause', () => {
  reader.read(50_000 * KIB, 60_000);
  reader.clock += 1_000;
  reader.window.advance(reader.readBytes);
  expect(reader.window.bytes).toBe(LEAST);
});

it.each([500, 2_000, 10_000])(
  'does not grow for a reader of %d B/ms who says so in bursts',
  bytesPerMs => {
    reader.read(20_000 * KIB, bytesPerMs, () => reader.window.bytes);
    expect(reader.window.bytes).toBe(LEAST);
  },
);

it('takes many pieces of one moment for no speed', () => {
  for (let burst = 0; burst < 50; burst += 1) {
    reader.clock += LEAST / 500;
    reader.read(LEAST, Infinity, () => 4 * KIB);
    expect(reader.window.bytes).toBe(LEAST);
  }
});
