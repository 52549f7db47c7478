import { KeyBar, KEY_BAR_KEYS } from './key-bar';

describe('KeyBar', () => {
  it('sends something for every key', () => {
    for (const key of KEY_BAR_KEYS) expect(new KeyBar().press(key, false)).not.toBe('');
  });

  it('sends cursor keys in the mode that the program has set', () => {
    const pad = new KeyBar();
    expect(pad.press('Up', false)).toBe('\x1b[A');
    expect(pad.press('Up', true)).toBe('\x1bOA');
  });

  it('sends what the endpoint expects, where systems differ', () => {
    const options = { deleteKey: 'del', homeEnd: 'vt220', functionKeys: 'linux' } as const;
    const sent = (['Del', 'Home', 'End', 'F1', 'Up'] as const).map(key =>
      new KeyBar().press(key, false, options),
    );
    expect(sent).toEqual(['\x7f', '\x1b[1~', '\x1b[4~', '\x1b[[A', '\x1b[A']);
    expect(new KeyBar().press('Del', false)).toBe('\x1b[3~');
  });

  it.each([
    ['c', '\x03'],
    ['C', '\x03'],
    ['[', '\x1b'],
    [' ', '\x00'],
    ['_', '\x1f'],
  ])('turns %j into %j while Ctrl is down, and releases Ctrl', (typed, sent) => {
    const pad = new KeyBar();
    pad.toggleCtrl();
    expect(pad.typed(typed)).toBe(sent);
    expect(pad.typed(typed)).toBe(typed);
  });

  it('does not change text without a control character, and keeps Ctrl down', () => {
    const pad = new KeyBar();
    pad.toggleCtrl();
    expect(pad.typed('é')).toBe('é');
    expect(pad.typed('pasted text')).toBe('pasted text');
    expect(pad.ctrl).toBe(true);
  });

  it('sends Ctrl with a cursor key, and releases it', () => {
    const pad = new KeyBar();
    pad.toggleCtrl();
    expect(pad.press('Left', true)).toBe('\x1b[1;5D');
    expect(pad.ctrl).toBe(false);
  });
});
