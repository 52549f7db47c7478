import { printable, printableList } from './printable';

it('removes control characters and direction marks, and limits the length', () => {
  expect(printable('a\u0000b\u001b[31m\u202Ec\u200Fd')).toBe('a b [31m c d');
  expect(printable('č 漢字 😀')).toBe('č 漢字 😀');
  expect([...printable('😀'.repeat(100))]).toHaveLength(61);
});

describe('a list of untrusted names', () => {
  it('names each one once, and only the first few', () => {
    expect(printableList(['a', 'b', 'a'])).toBe('a, b');
    expect(printableList(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('a, b, c, d, e and 2 more');
  });

  it('truncates long names and shows that one is empty', () => {
    expect(printableList(['x'.repeat(1000), '\u202e\n'])).toBe(`${'x'.repeat(60)}…, (empty)`);
  });
});
