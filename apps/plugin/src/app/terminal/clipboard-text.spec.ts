import { parseClipboardWrite, sanitizePaste } from './clipboard-text';

describe('pasted text', () => {
  it('is unchanged if it is one line', () => {
    expect(sanitizePaste('ls\t-la čšž 漢字 😀')).toEqual({
      text: 'ls\t-la čšž 漢字 😀',
      lines: 1,
      removedControls: 0,
      hasLineBreak: false,
    });
  });

  it.each(['rm -rf /\n', 'rm -rf /\r\n', 'rm -rf /\r'])('has a line break at its end: %j', text => {
    expect(sanitizePaste(text)).toMatchObject({ lines: 1, hasLineBreak: true });
  });

  it.each([
    ['a\nb', 2],
    ['a\r\nb\r\n', 2],
    ['a\n\nb', 3],
    ['\n', 1],
  ])('has its lines counted: %j', (text, lines) => {
    expect(sanitizePaste(text)).toMatchObject({ lines, hasLineBreak: true });
  });

  it.each([
    ['\x1b[201~', 'plain'],
    ['\x1b[20\x1b[201~1~', 'nested'],
    ['\x9b201~', 'with the one-byte introducer'],
    ['\u001b\u0000[201~', 'with zeros between'],
  ])('cannot end a bracketed paste: %j, %s', attack => {
    const { text, removedControls } = sanitizePaste(`echo ${attack}rm`);
    expect(text).not.toMatch(/[\x1b\x9b]/);
    expect(removedControls).toBeGreaterThan(0);
  });

  it('contains no Ctrl+C, Ctrl+D or delete', () => {
    expect(sanitizePaste('a\x03\x04\x7fb')).toMatchObject({ text: 'ab', removedControls: 3 });
  });
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('security: a program that writes to the clipboard', () => {
  it('may ask to copy a text', () => {
    expect(parseClipboardWrite(`c;${base64('漢字 and more')}`)).toBe('漢字 and more');
    expect(parseClipboardWrite(`;${base64('x')}`)).toBe('x');
  });

  it('cannot read the clipboard', () => {
    expect(parseClipboardWrite('c;?')).toBeUndefined();
  });

  it.each(['', 'c', 'c;', 'c;!!!', 'c;a', 'x;YQ==', `c;${'A'.repeat(200_000)}`, 'c;/w=='])(
    'is ignored if it sends %j',
    data => {
      expect(parseClipboardWrite(data)).toBeUndefined();
    },
  );
});
