import type { KeyOptions } from '../endpoints/key-choices';
import { mappedKey, KeyBar, KEY_BAR_KEYS } from './key-codes';

const press = (key: string, options: KeyOptions, modifiers: Partial<KeyboardEvent> = {}) =>
  mappedKey(
    { key, ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...modifiers },
    options,
  );

it.each<[string, KeyOptions, string | undefined]>([
  ['Backspace', {}, undefined],
  ['Backspace', { backspace: 'del' }, undefined],
  ['Backspace', { backspace: 'bs' }, '\b'],
  ['Delete', {}, undefined],
  ['Delete', { deleteKey: 'del' }, '\x7f'],
  ['Home', { homeEnd: 'xterm' }, undefined],
  ['Home', { homeEnd: 'vt220' }, '\x1b[1~'],
  ['End', { homeEnd: 'vt220' }, '\x1b[4~'],
  ['F1', {}, undefined],
  ['F1', { functionKeys: 'vt400' }, '\x1b[11~'],
  ['F6', { functionKeys: 'vt400' }, '\x1b[17~'],
  ['F12', { functionKeys: 'vt400' }, '\x1b[24~'],
  ['F1', { functionKeys: 'linux' }, '\x1b[[A'],
  ['F5', { functionKeys: 'linux' }, '\x1b[[E'],
  ['F6', { functionKeys: 'linux' }, '\x1b[17~'],
  ['F1', { functionKeys: 'sco' }, '\x1b[M'],
  ['F12', { functionKeys: 'sco' }, '\x1b[X'],
  ['a', { backspace: 'bs', functionKeys: 'sco' }, undefined],
])('%s with %j sends %j', (key, options, sent) => {
  expect(press(key, options)).toBe(sent);
});

it('leaves keys with modifiers alone, except that Ctrl+Backspace sends the other code', () => {
  const options: KeyOptions = { backspace: 'bs', deleteKey: 'del', functionKeys: 'sco' };
  expect(press('Backspace', options, { ctrlKey: true })).toBe('\x7f');
  expect(press('Backspace', options, { altKey: true })).toBeUndefined();
  expect(press('F1', options, { ctrlKey: true })).toBeUndefined();
  expect(press('F1', options, { shiftKey: true })).toBeUndefined();
});

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
