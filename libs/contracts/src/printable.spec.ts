import { printable } from './printable';

it('removes control characters and direction marks, and limits the length', () => {
  expect(printable('a\u0000b\u001b[31m\u202Ec\u200Fd')).toBe('a b [31m c d');
  expect(printable('č 漢字 😀')).toBe('č 漢字 😀');
  expect([...printable('😀'.repeat(100))]).toHaveLength(61);
});
