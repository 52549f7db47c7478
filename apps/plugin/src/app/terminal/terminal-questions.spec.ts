import { sanitizePaste } from './clipboard-text';
import { copyQuestion, pasteQuestion } from './terminal-questions';

describe('security: the question whether a program may copy a text', () => {
  it('shows all of it, however long it is', () => {
    const text = `${'harmless '.repeat(8_000)}; rm -rf ~`;
    const { quoted, sentences } = copyQuestion(text);
    expect(quoted).toBe(text);
    expect(sentences[0]?.values).toEqual({ count: String(text.length) });
  });

  it('shows what is invisible in it', () => {
    expect(copyQuestion('ls\u202e\x03\r\n').quoted).toBe('ls⟨U+202E⟩␃␊\n');
  });
});

describe('security: the question whether to paste a text', () => {
  it('shows what is invisible in it, which is pasted too', () => {
    expect(pasteQuestion(sanitizePaste('ls\u200b \u202e\n')).quoted).toBe('ls⟨U+200B⟩ ⟨U+202E⟩␊\n');
  });

  it('shows all of a long text', () => {
    const text = `${'echo\n'.repeat(10_000)}rm`;
    const { quoted, sentences } = pasteQuestion(sanitizePaste(text));
    expect(quoted).toBe(text);
    expect(sentences).toHaveLength(1);
  });

  it('says how much of an endless text is shown', () => {
    const { quoted, sentences } = pasteQuestion(sanitizePaste('x\n'.repeat(100_000)));
    expect(quoted).toHaveLength(100_001);
    expect(sentences.at(-1)?.values).toEqual({ shown: '100000', count: '200000' });
  });
});
