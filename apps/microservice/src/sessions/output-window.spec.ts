import { OutputWindow } from './output-window';

const WINDOW = 100;

let window: OutputWindow;
let writes: number[];

beforeEach(() => {
  window = new OutputWindow(WINDOW);
  writes = [];
});

/** Like a stream: one write at a time. */
function write(bytes: number): boolean {
  const before = writes.length;
  window.whenOpen(bytes, () => writes.push(bytes));
  return writes.length > before;
}

it('sends everything while the client reports nothing', () => {
  for (let count = 0; count < 10; count += 1) expect(write(WINDOW)).toBe(true);
  expect(window.sent).toBe(10 * WINDOW);
});

it('holds output beyond the window from the first acknowledgement on', () => {
  window.drawn(0);
  expect(write(60)).toBe(true);
  expect(write(60)).toBe(true);
  expect(write(7)).toBe(false);
  expect(window.sent).toBe(120);
  window.drawn(20);
  expect(writes).toEqual([60, 60]);
  window.drawn(21);
  expect(writes).toEqual([60, 60, 7]);
  expect(window.sent).toBe(127);
});

it.each([
  ['more than was sent', 121],
  ['less than before', 10],
])('ignores an acknowledgement of %s', (_what, bytes) => {
  write(120);
  window.drawn(20);
  expect(write(5)).toBe(false);
  window.drawn(bytes);
  expect(writes).toEqual([120]);
  window.drawn(120);
  expect(writes).toEqual([120, 5]);
});

it('holds all output while the client asks for it', () => {
  window.hold();
  expect(write(5)).toBe(false);
  window.drawn(0);
  expect(writes).toEqual([]);
  window.go();
  expect(writes).toEqual([5]);
});

it('stays full after "go"', () => {
  window.drawn(0);
  write(WINDOW);
  window.hold();
  expect(write(5)).toBe(false);
  window.go();
  expect(writes).toEqual([WINDOW]);
});

it('sends everything at the end, even if it is held', () => {
  window.drawn(0);
  window.hold();
  expect(write(5)).toBe(false);
  window.open();
  expect(writes).toEqual([5]);
  window.hold();
  expect(write(2 * WINDOW)).toBe(true);
  expect(write(1)).toBe(true);
});
