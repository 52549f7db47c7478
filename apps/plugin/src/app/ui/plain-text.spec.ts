import { plainLine, plainLines } from './plain-text';

describe('an untrusted text', () => {
  it('loses characters that change the writing direction', () => {
    expect(plainLine('invoice\u202efdp.exe', 50)).toBe('invoicefdp.exe');
    expect(plainLine('\u2066a\u2069\u200f\u061cb', 50)).toBe('ab');
  });

  it('loses control characters, and keeps markup as text', () => {
    expect(plainLine('a\x1b]0;x\x07\x9b1m<b>', 50)).toBe('a]0;x1m<b>');
  });

  it('is cut at the maximum length', () => {
    expect(plainLine('x'.repeat(1000), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  it('keeps other scripts, combining characters and joined emoji', () => {
    expect(plainLine('مرحبا 漢字 👩\u200d🔧 e\u0301', 50)).toBe('مرحبا 漢字 👩\u200d🔧 e\u0301');
  });

  it('keeps its lines when lines are shown', () => {
    expect(plainLines('a\r\nb\rc\n\td\x1b[1m')).toBe('a\nb\nc\n\td[1m');
  });
});
