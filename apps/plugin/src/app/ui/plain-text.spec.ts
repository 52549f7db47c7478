import { plainLine, plainLines } from './plain-text';

describe('a text of somebody else', () => {
  it('shows what it says, from left to right', () => {
    expect(plainLine('invoice\u202efdp.exe', 50)).toBe('invoicefdp.exe');
    expect(plainLine('\u2066a\u2069\u200f\u061cb', 50)).toBe('ab');
  });

  it('holds no controls, and markup is text', () => {
    expect(plainLine('a\x1b]0;x\x07\x9b1m<b>', 50)).toBe('a]0;x1m<b>');
  });

  it('is cut where it is too long', () => {
    expect(plainLine('x'.repeat(1000), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  it('keeps other alphabets, and what letters and emoji are joined of', () => {
    expect(plainLine('مرحبا 漢字 👩\u200d🔧 e\u0301', 50)).toBe('مرحبا 漢字 👩\u200d🔧 e\u0301');
  });

  it('keeps its lines where lines are shown', () => {
    expect(plainLines('a\r\nb\rc\n\td\x1b[1m')).toBe('a\nb\nc\n\td[1m');
  });
});
