import { FIRST_WINDOW_BYTES, ReadingWindow } from './reading-window';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A reader of some speed, in bytes a millisecond, who reads all that it is granted. */
class Reader {
  clock = 0;
  readBytes = 0;
  readonly window = new ReadingWindow(() => this.clock);

  read(bytes: number, bytesPerMs: number): void {
    const end = this.readBytes + bytes;
    while (this.readBytes < end) {
      const piece = Math.min(32 * KIB, this.window.granted - this.readBytes);
      this.readBytes += piece;
      this.clock += piece / bytesPerMs;
      this.window.grant(this.readBytes);
    }
  }

  /** What may be on its way to this reader. */
  get ahead(): number {
    return this.window.granted - this.readBytes;
  }
}

it('grants in pieces worth a packet', () => {
  const window = new ReadingWindow(() => 0);
  expect(window.granted).toBe(FIRST_WINDOW_BYTES);
  expect(window.grant(100 * KIB)).toBe(0);
  expect(window.grant(128 * KIB)).toBeGreaterThanOrEqual(128 * KIB);
});

it('grows for who reads fast, and no further than a bound', () => {
  const reader = new Reader();
  reader.read(50 * MIB, 60_000);
  expect(reader.ahead).toBeGreaterThan(1.4 * MIB);
  expect(reader.ahead).toBeLessThanOrEqual(2 * MIB);
});

it('stays small for who reads slowly, whatever came before', () => {
  const reader = new Reader();
  reader.read(10 * MIB, 1_000);
  expect(reader.ahead).toBeLessThanOrEqual(FIRST_WINDOW_BYTES);
  reader.read(50 * MIB, 60_000);
  reader.read(10 * MIB, 10_000);
  expect(reader.ahead).toBeLessThanOrEqual(FIRST_WINDOW_BYTES);
});

it('is what the reader takes in 50 ms', () => {
  const reader = new Reader();
  reader.read(50 * MIB, 20_000);
  expect(reader.ahead).toBeLessThanOrEqual(50 * 20_000);
  expect(reader.ahead).toBeGreaterThan(0.7 * 50 * 20_000);
});

it('grants nothing for what is not read', () => {
  const reader = new Reader();
  reader.read(50 * MIB, 60_000);
  const { granted } = reader.window;
  reader.clock += 10_000;
  expect(reader.window.grant(reader.readBytes)).toBe(0);
  expect(reader.window.granted).toBe(granted);
});
