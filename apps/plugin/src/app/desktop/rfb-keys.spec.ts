import { COMBINATIONS, keyOf, keysForEdit, parseCombination } from './rfb-keys';

const keysyms = (text: string) => parseCombination(text)?.map(({ keysym }) => keysym);

describe('a key combination', () => {
  it.each(COMBINATIONS)('is offered as a button: %s', text => {
    expect(parseCombination(text)).toHaveLength(text.split('+').length);
  });

  it('is pressed in the order in which it is written', () => {
    expect(parseCombination('Ctrl+Alt+Del')).toEqual([
      { keysym: 0xffe3, code: 'ControlLeft' },
      { keysym: 0xffe9, code: 'AltLeft' },
      { keysym: 0xffff, code: 'Delete' },
    ]);
  });

  it('may contain spaces, any case and aliases', () => {
    expect(keysyms(' STRG + alt+Entf')).toEqual(keysyms('Ctrl+Alt+Del'));
    expect(keysyms('Super+Return')).toEqual([0xffeb, 0xff0d]);
  });

  it.each([
    ['Strg+Alt+Entf', 'Ctrl+Alt+Del'],
    ['Strg+Umschalt+Esc', 'Ctrl+Shift+Esc'],
    ['Druck', 'Print'],
    ['Umschalt+Pos1', 'Shift+Home'],
    ['Einfg+Ende', 'Insert+End'],
    ['Eingabe', 'Enter'],
  ])('may be named as on German keyboards: %s', (german, english) => {
    expect(keysyms(german)).toBeDefined();
    expect(keysyms(german)).toEqual(keysyms(english));
  });

  it('may contain function keys', () => {
    expect(keysyms('F1')).toEqual([0xffbe]);
    expect(keysyms('Alt+F12')).toEqual([0xffe9, 0xffc9]);
    expect(keysyms('F0')).toBeUndefined();
    expect(keysyms('F13')).toBeUndefined();
  });

  it('may contain letters, digits and characters of other keyboards', () => {
    expect(parseCombination('Ctrl+C')).toEqual([
      { keysym: 0xffe3, code: 'ControlLeft' },
      { keysym: 0x63, code: 'KeyC' },
    ]);
    expect(keysyms('Alt+1')).toEqual([0xffe9, 0x31]);
    expect(keysyms('ß')).toEqual([0xdf]);
  });

  it.each(['', '+', 'Ctrl+', 'Ctrl++', 'Hyper+X', 'ab', 'Ctrl+Alt+Shift+Win+AltGr+Del'])(
    'is not "%s"',
    text => expect(parseCombination(text)).toBeUndefined(),
  );
});

describe('the key of a character', () => {
  it('is its code point in Latin-1, and has a fixed bit set otherwise', () => {
    expect(keyOf('a').keysym).toBe(0x61);
    expect(keyOf('é').keysym).toBe(0xe9);
    expect(keyOf('č').keysym).toBe(0x0100010d);
    expect(keyOf('😀').keysym).toBe(0x0101f600);
  });

  it('is Enter for a line break and Tab for a tab', () => {
    expect(keyOf('\n').keysym).toBe(0xff0d);
    expect(keyOf('\t').keysym).toBe(0xff09);
  });
});

const editKeysyms = (before: string, after: string) =>
  keysForEdit(before, after).map(({ keysym }) => keysym);
const BACKSPACE = 0xff08;

describe('the keys for an edit', () => {
  it('are the characters at the end', () => {
    expect(editKeysyms('ab', 'abc')).toEqual([0x63]);
    expect(editKeysyms('', 'ő')).toEqual([0x01000151]);
  });

  it('are a backspace for each removed character', () => {
    expect(editKeysyms('abc', 'a')).toEqual([BACKSPACE, BACKSPACE]);
    expect(editKeysyms('a😀', 'a')).toEqual([BACKSPACE]);
  });

  it('are both for a corrected word', () => {
    expect(editKeysyms('teh', 'the')).toEqual([BACKSPACE, BACKSPACE, 0x68, 0x65]);
  });

  it('are none if nothing has changed', () => {
    expect(editKeysyms('abc', 'abc')).toEqual([]);
  });
});
