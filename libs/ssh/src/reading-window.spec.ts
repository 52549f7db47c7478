import { FIRST_WINDOW_BYTES, ReadingWindow } from './reading-window';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A reader with a speed in bytes per millisecond, which reads all that is granted. */
class Reader {
  clock = 0;
  readBytes = 0;
  readonly window = new ReadingWindow(() => this.clock);

  /** @param most the largest chunk; the clock advances after each chunk */
  read(bytes: number, bytesPerMs: number, most = 32 * KIB): void {
    const end = this.readBytes + bytes;
    while (this.readBytes < end) {
      const piece = Math.min(most, this.window.granted - this.readBytes);
      this.readBytes += piece;
      this.clock += piece / bytesPerMs;
      this.window.grant(this.readBytes);
    }
  }

  /** How far the server may be ahead of this reader. */
  get ahead(): number {
    return this.window.granted - this.readBytes;
  }
}

it('grants amounts that are worth a packet', () => {
  const window = new ReadingWindow(() => 0);
  expect(window.granted).toBe(FIRST_WINDOW_BYTES);
  expect(window.grant(100 * KIB)).toBe(0);
  expect(window.grant(128 * KIB)).toBeGreaterThanOrEqual(128 * KIB);
});

it('grows for a fast reader, up to a limit', () => {
  const reader = new Reader();
  reader.read(50 * MIB, 60_000);
  expect(reader.ahead).toBeGreaterThan(1.4 * MIB);
  expect(reader.ahead).toBeLessThanOrEqual(2 * MIB);
});

it('is small for a slow reader, whatever came before', () => {
  const reader = new Reader();
  reader.read(10 * MIB, 1_000);
  expect(reader.ahead).toBeLessThanOrEqual(FIRST_WINDOW_BYTES);
  reader.read(50 * MIB, 60_000);
  reader.read(10 * MIB, 10_000);
  expect(reader.ahead).toBeLessThanOrEqual(FIRST_WINDOW_BYTES);
});

it('is what the reader consumes in 50 ms', () => {
  const reader = new Reader();
  reader.read(50 * MIB, 20_000);
  expect(reader.ahead).toBeLessThanOrEqual(50 * 20_000);
  expect(reader.ahead).toBeGreaterThan(0.7 * 50 * 20_000);
});

it.each([500, 2_000, 10_000])(
  'does not mistake bursts of a reader of %i B/ms for speed',
  bytesPerMs => {
    const reader = new Reader();
    reader.read(50 * MIB, bytesPerMs, Infinity);
    expect(reader.ahead).toBeLessThanOrEqual(FIRST_WINDOW_BYTES);
    for (let burst = 0; burst < 50; burst += 1) {
      reader.clock += FIRST_WINDOW_BYTES / bytesPerMs;
      reader.read(FIRST_WINDOW_BYTES / 2, Infinity, 4 * KIB);
      expect(reader.ahead).toBeLessThanOrEqual(FIRST_WINDOW_BYTES);
    }
  },
);

it('is small again after a pause', () => {
  const reader = new Reader();
  reader.read(50 * MIB, 60_000);
  reader.clock += 1_000;
  reader.read(2 * MIB, 1_000);
  expect(reader.ahead).toBeLessThanOrEqual(FIRST_WINDOW_BYTES);
});

it('grants nothing while nothing is read', () => {
  const reader = new Reader();
  reader.read(50 * MIB, 60_000);
  const { granted } = reader.window;
  reader.clock += 10_000;
  expect(reader.window.grant(reader.readBytes)).toBe(0);
  expect(reader.window.granted).toBe(granted);
});
