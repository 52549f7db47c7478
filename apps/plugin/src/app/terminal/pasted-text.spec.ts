import { pastedText } from './pasted-text';

describe('pasted text', () => {
  it('is left alone where it is one line', () => {
    expect(pastedText('ls\t-la čšž 漢字 😀')).toEqual({
      text: 'ls\t-la čšž 漢字 😀',
      lines: 1,
      removedControls: 0,
      runs: false,
    });
  });

  it.each(['rm -rf /\n', 'rm -rf /\r\n', 'rm -rf /\r'])('runs by its line end alone: %j', text => {
    expect(pastedText(text)).toMatchObject({ lines: 1, runs: true });
  });

  it.each([
    ['a\nb', 2],
    ['a\r\nb\r\n', 2],
    ['a\n\nb', 3],
    ['\n', 1],
  ])('counts the lines of %j', (text, lines) => {
    expect(pastedText(text)).toMatchObject({ lines, runs: true });
  });

  it.each([
    ['\x1b[201~', 'as it is'],
    ['\x1b[20\x1b[201~1~', 'within itself'],
    ['\x9b201~', 'with the one-byte introducer'],
    ['\u001b\u0000[201~', 'with zeros between'],
  ])('cannot end a bracketed paste: %j, %s', attack => {
    const { text, removedControls } = pastedText(`echo ${attack}rm`);
    expect(text).not.toMatch(/[\x1b\x9b]/);
    expect(removedControls).toBeGreaterThan(0);
  });

  it('sends no Ctrl+C, Ctrl+D or delete', () => {
    expect(pastedText('a\x03\x04\x7fb')).toMatchObject({ text: 'ab', removedControls: 3 });
  });
});
