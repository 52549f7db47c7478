import { shortcutOf } from './shortcut';

function keys(text: string) {
  const parts = text.split(' ');
  return {
    key: parts.at(-1)!,
    code: '',
    ctrlKey: parts.includes('Ctrl'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
    metaKey: parts.includes('Meta'),
  };
}

describe('the shortcuts of the terminal', () => {
  it.each([
    ['Ctrl Shift F', 'search'],
    ['Ctrl Shift c', 'copy'],
    ['Ctrl Shift V', 'paste'],
    ['Ctrl Shift F6', 'leave'],
    ['Ctrl +', 'larger'],
    ['Ctrl =', 'larger'],
    ['Ctrl Shift +', 'larger'],
    ['Ctrl -', 'smaller'],
    ['Ctrl 0', 'default-size'],
  ])('%s means %s', (text, action) => {
    expect(shortcutOf(keys(text), true)).toBe(action);
  });

  it("resets the font size with the digit's key on every keyboard", () => {
    expect(shortcutOf({ ...keys('Ctrl à'), code: 'Digit0' }, true)).toBe('default-size');
  });

  it('lets the user choose whether Ctrl+V pastes or goes to the program', () => {
    expect(shortcutOf(keys('Ctrl v'), true)).toBe('paste');
    expect(shortcutOf(keys('Ctrl v'), false)).toBe('none');
    expect(shortcutOf(keys('Ctrl Shift V'), false)).toBe('paste');
  });

  it.each([
    'Ctrl c',
    'Ctrl f',
    'Shift F6',
    'Ctrl F6',
    'F1',
    'F6',
    'F11',
    'Alt f',
    'Ctrl Alt f',
    'Ctrl Shift _',
    'Ctrl Shift X',
    'Meta c',
    'Tab',
    'Escape',
    '-',
    // AltGr, as Windows reports it.
    'Ctrl Alt @',
  ])('%s belongs to the program', text => {
    expect(shortcutOf(keys(text), true)).toBe('none');
  });
});
