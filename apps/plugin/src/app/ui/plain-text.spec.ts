import { plainLine, plainLines, revealedLines } from './plain-text';

describe('an untrusted text', () => {
  it('loses characters that change the writing direction', () => {
    expect(plainLine('invoice\u202efdp.exe', 50)).toBe('invoicefdp.exe');
    expect(plainLine('\u2066a\u2069\u200f\u061cb', 50)).toBe('ab');
  });

  it('loses control characters, and keeps markup as text', () => {
    expect(plainLine('a\x1b]0;x\x07\x9b1m<b>', 50)).toBe('a]0;x1m<b>');
  });

  it('is truncated at the maximum length', () => {
    expect(plainLine('x'.repeat(1000), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  it('keeps other scripts, combining characters and joined emoji', () => {
    expect(plainLine('مرحبا 漢字 👩\u200d🔧 e\u0301', 50)).toBe('مرحبا 漢字 👩\u200d🔧 e\u0301');
  });

  it('keeps its lines when lines are shown', () => {
    expect(plainLines('a\r\nb\rc\n\td\x1b[1m')).toBe('a\nb\nc\n\td[1m');
  });
});

describe('a text that is shown before it is used', () => {
  it.each([
    ['a control', 'a\x1b[31m\x00b', 'a␛[31m␀b'],
    ['delete and C1', '\x7f\x9b', '␡⟨U+009B⟩'],
    ['an override and an isolate', 'x\u202etxt\u2066', 'x⟨U+202E⟩txt⟨U+2066⟩'],
    ['direction marks', '\u200e\u200f\u061c', '⟨U+200E⟩⟨U+200F⟩⟨U+061C⟩'],
    ['nothing visible', 'r\u200bm\u00ad \u2060-rf\u3164', 'r⟨U+200B⟩m⟨U+00AD⟩ ⟨U+2060⟩-rf⟨U+3164⟩'],
    ['tags and selectors', 'a\u{e0041}\ufe0f', 'a⟨U+E0041⟩⟨U+FE0F⟩'],
    ['other line ends', 'a\u2028b\u0085c', 'a⟨U+2028⟩b⟨U+0085⟩c'],
    ['a carriage return', 'ls\rrm', 'ls␍\nrm'],
    ['line ends in the end', 'ls\n\r\n', 'ls␊\n␊\n'],
  ])('reveals %s', (_name, text, shown) => {
    expect(revealedLines(text)).toBe(shown);
  });

  it('keeps tabs, lines, other scripts and combining characters', () => {
    const text = 'a\tb\n\nčšž 漢字 😀 مرحبا e\u0301\r\nend';
    expect(revealedLines(text)).toBe(text);
  });

  it('takes no time for many line breaks', () => {
    const text = `${'\n'.repeat(100_000)}x${'\n'.repeat(10)}`;
    expect(revealedLines(text)).toHaveLength(text.length + 10);
  });

  it('is not truncated', () => {
    expect(revealedLines('x'.repeat(100_000))).toHaveLength(100_000);
  });
});
