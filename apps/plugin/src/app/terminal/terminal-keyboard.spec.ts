import type { Terminal } from '@xterm/xterm';
import { echoOf, shortcutOf, TerminalKeyboard } from './terminal-keyboard';

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

it.each([
  ['é漢 a', 'é漢 a'],
  ['ls\r', 'ls\r\n'],
  ['a\nb\r\n', 'a\r\nb\r\n'],
  ['\x7f', '\b \b'],
  ['\b', '\b \b'],
  ['\t', '\t'],
  ['\x03', ''],
  ['\x1b[A', ''],
  ['\x1bOP', ''],
  ['\x1b[1;5D', ''],
  ['\x1b', ''],
  ['\x1bf', ''],
  ['\x1b]10;rgb:ffff/ffff/ffff\x07', ''],
  ['\x1bP1+r544e\x1b\\', ''],
  ['\x1b[200~two\rlines\x1b[201~', 'two\r\nlines'],
])('%j is drawn as %j', (typed, drawn) => {
  expect(echoOf(typed)).toBe(drawn);
});

/** A terminal that passes on keys as xterm.js does, and records what it draws. */
function terminal() {
  const events: unknown[] = [];
  const note = (name: string) => (value?: unknown) =>
    void events.push(value === undefined ? name : [name, value]);
  let ofText!: (text: string) => void;
  let ofBinary!: (text: string) => void;
  let isForProgram!: (event: KeyboardEvent) => boolean;
  const xterm = {
    onData: (listener: typeof ofText) => (ofText = listener),
    onBinary: (listener: typeof ofBinary) => (ofBinary = listener),
    attachCustomKeyEventHandler: (handler: typeof isForProgram) => (isForProgram = handler),
    modes: { applicationCursorKeysMode: false },
    input: (text: string) => ofText(text),
    write: note('drawn'),
    focus: () => undefined,
  };
  const keyboard = new TerminalKeyboard(
    xterm as unknown as Terminal,
    {
      typed: bytes => note('typed')(new TextDecoder('latin1').decode(bytes)),
      leaveRequested: note('leave'),
      searchRequested: note('search'),
      fontSizeRequested: note('size'),
      ctrlChanged: note('ctrl'),
    },
    note('copy'),
  );
  /** @returns whether xterm.js encodes the key, and whether the browser does nothing with it */
  const press = (text: string, type = 'keydown') => {
    const event = new KeyboardEvent(type, { ...keys(text), cancelable: true });
    const isEncoded = isForProgram(event);
    return { isEncoded, isPrevented: event.defaultPrevented };
  };
  return { keyboard, events, press, type: ofText, report: ofBinary };
}

describe('TerminalKeyboard', () => {
  it('sends text as UTF-8, and mouse reports as the bytes that they are', () => {
    const { type, report, events } = terminal();
    type('é');
    report('\x1b[M \xe9!');
    expect(events).toEqual([
      ['typed', '\u00c3\u00a9'],
      ['typed', '\x1b[M \xe9!'],
    ]);
  });

  it('carries out shortcuts once, and keeps them from the program and the browser', () => {
    const { press, events } = terminal();
    const KEPT = { isEncoded: false, isPrevented: true };
    for (const key of ['Ctrl Shift F', 'Ctrl Shift c', 'Ctrl Shift F6', 'Ctrl +']) {
      expect(press(key)).toEqual(KEPT);
      press(key, 'keyup');
    }
    expect(events).toEqual(['search', 'copy', 'leave', ['size', 'larger']]);
  });

  it('leaves pasting to the browser', () => {
    const { press, events } = terminal();
    expect(press('Ctrl Shift V')).toEqual({ isEncoded: false, isPrevented: false });
    expect(events).toEqual([]);
  });

  it('sends what the endpoint expects in place of what xterm.js would send', () => {
    const { keyboard, press, events } = terminal();
    expect(press('F1').isEncoded).toBe(true);
    keyboard.keys = { functionKeys: 'sco' };
    expect(press('F1')).toEqual({ isEncoded: false, isPrevented: true });
    press('F1', 'keyup');
    expect(events).toEqual([['typed', '\x1b[M']]);
  });

  it('leaves characters typed with Alt to the browser unless Alt is the Meta key', () => {
    const { keyboard, press } = terminal();
    expect(press('Alt l').isEncoded).toBe(true);
    keyboard.preferences = { ctrlVPastes: false, altIsMeta: false };
    expect(press('Alt l')).toEqual({ isEncoded: false, isPrevented: false });
    expect(press('Alt ArrowLeft').isEncoded).toBe(true);
  });

  it('applies Ctrl of the key bar to the next character, and says so', () => {
    const { keyboard, type, events } = terminal();
    keyboard.toggleCtrl();
    type('c');
    keyboard.press('Up');
    expect(events).toEqual([
      ['ctrl', true],
      ['ctrl', false],
      ['typed', '\x03'],
      ['typed', '\x1b[A'],
      ['ctrl', false],
    ]);
  });

  it('draws what is typed if the endpoint does not echo it', () => {
    const { keyboard, type, events } = terminal();
    keyboard.localEcho = true;
    type('ls\r');
    expect(events).toEqual([
      ['drawn', 'ls\r\n'],
      ['typed', 'ls\r'],
    ]);
  });
});
