import { OUTPUT_WINDOW, OutputWindow } from './output-window';

const KIB = 1024;
const { leastBytes: WINDOW, mostBytes: MAX_WINDOW } = OUTPUT_WINDOW;

let window: OutputWindow;
let writes: number[];
let clock: number;

beforeEach(() => {
  clock = 0;
  window = new OutputWindow(() => clock);
  writes = [];
});

/** As a stream does it: one write at a time. */
function write(bytes: number): boolean {
  const before = writes.length;
  window.whenOpen(bytes, () => writes.push(bytes));
  return writes.length > before;
}

it('lets everything out while a client tells nothing', () => {
  for (let count = 0; count < 10; count += 1) expect(write(WINDOW)).toBe(true);
  expect(window.sent).toBe(10 * WINDOW);
});

it('keeps back what goes beyond the window from the first acknowledgement on', () => {
  window.drawn(0);
  expect(write(200 * KIB)).toBe(true);
  expect(write(200 * KIB)).toBe(true);
  expect(write(7)).toBe(false);
  expect(window.sent).toBe(400 * KIB);
  clock += 1_000;
  window.drawn(400 * KIB - WINDOW);
  expect(writes).toEqual([200 * KIB, 200 * KIB]);
  window.drawn(400 * KIB - WINDOW + 1);
  expect(writes).toEqual([200 * KIB, 200 * KIB, 7]);
  expect(window.sent).toBe(400 * KIB + 7);
});

it.each([
  ['more than was sent', WINDOW + 21],
  ['less than before', 10],
])('does not believe that %s has been drawn', (_what, bytes) => {
  clock += 1_000;
  write(WINDOW + 20);
  window.drawn(20);
  expect(write(5)).toBe(false);
  window.drawn(bytes);
  expect(writes).toEqual([WINDOW + 20]);
  window.drawn(WINDOW + 20);
  expect(writes).toEqual([WINDOW + 20, 5]);
});

describe('for a client that draws all it gets', () => {
  const PIECE = 32 * KIB;
  let drawn: number;
  beforeEach(() => {
    drawn = 0;
    window.drawn(drawn);
  });

  /** @returns what is on its way to it at the end */
  const draw = (bytes: number, bytesPerMs: number): number => {
    for (const end = drawn + bytes; drawn < end; window.drawn(drawn)) {
      while (write(PIECE));
      drawn += PIECE;
      clock += PIECE / bytesPerMs;
    }
    return window.sent - drawn;
  };

  it('grows with its speed, and no further than a bound', () => {
    const ahead = draw(20_000 * KIB, 60_000);
    expect(ahead).toBeGreaterThan(0.9 * MAX_WINDOW);
    expect(ahead).toBeLessThanOrEqual(MAX_WINDOW + PIECE);
  });

  it('stays small for one as slow as a browser, whatever came before', () => {
    expect(draw(10_000 * KIB, 12_000)).toBeLessThanOrEqual(WINDOW + PIECE);
    draw(20_000 * KIB, 60_000);
    expect(draw(2_000 * KIB, 2_000)).toBeLessThanOrEqual(WINDOW + PIECE);
  });
});

it('keeps everything back while a client holds it', () => {
  window.hold();
  expect(write(5)).toBe(false);
  window.drawn(0);
  expect(writes).toEqual([]);
  window.go();
  expect(writes).toEqual([5]);
});

it('is not opened by "go" where it is full', () => {
  window.drawn(0);
  write(WINDOW);
  window.hold();
  expect(write(5)).toBe(false);
  window.go();
  expect(writes).toEqual([WINDOW]);
});

it('lets everything out at the end, whatever is held', () => {
  window.drawn(0);
  window.hold();
  expect(write(5)).toBe(false);
  window.open();
  expect(writes).toEqual([5]);
  window.hold();
  expect(write(2 * WINDOW)).toBe(true);
  expect(write(1)).toBe(true);
});
