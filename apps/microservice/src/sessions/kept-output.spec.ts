import { KeptOutput } from './kept-output';

const TAIL_BYTES = 10_000;

/** Everything from a position on, and how it was cut. */
function rest(output: KeptOutput, from: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = from; at < output.total;) {
    const chunk = output.from(at)!;
    chunks.push(chunk);
    at += chunk.length;
  }
  return Buffer.concat(chunks);
}

const text = (bytes: number, seed = 0): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 7 + seed) % 251));

it('returns what was not acknowledged, from any position', () => {
  const output = new KeptOutput(0);
  const chunks = [1, 3, 5_000, 70_000, 2, 40_000].map((bytes, seed) => text(bytes, seed));
  const all = Buffer.concat(chunks);
  for (const chunk of chunks) output.append(chunk);
  for (const from of [0, 1, 2, 4, 5_003, 5_004, 75_004, 75_007, all.length - 1, all.length]) {
    expect(rest(output, from).equals(all.subarray(from))).toBe(true);
  }
  expect(output.unacknowledged).toBe(all.length);
});

it('keeps a copy: a chunk may be modified afterwards', () => {
  const output = new KeptOutput(0);
  const chunk = Buffer.from('abc');
  output.append(chunk);
  chunk.fill(0);
  expect(rest(output, 0).toString()).toBe('abc');
});

it('forgets what was acknowledged, except for the tail', () => {
  const output = new KeptOutput(TAIL_BYTES);
  for (let count = 0; count < 1_000; count += 1) output.append(text(1_000, count));
  expect(output.oldest).toBe(0);
  output.acknowledge(1_000_000);
  expect(output.total - output.oldest).toBeGreaterThanOrEqual(TAIL_BYTES);
  expect(output.heldBytes).toBeLessThan(TAIL_BYTES + 3 * 32 * 1024);
  output.forgetTail();
  expect([output.heldBytes, output.oldest]).toEqual([0, output.total]);
});

it('ignores acknowledgements of what was never sent, and of less than before', () => {
  const output = new KeptOutput(0);
  output.append(text(100));
  output.acknowledge(101);
  expect(output.unacknowledged).toBe(100);
  output.acknowledge(60);
  output.acknowledge(50);
  expect(output.unacknowledged).toBe(40);
});

it('takes little memory for a session with little output', () => {
  const output = new KeptOutput(TAIL_BYTES);
  for (let count = 0; count < 500; count += 1) output.append(Buffer.from('$'));
  expect(output.heldBytes).toBe(1_024);
});
