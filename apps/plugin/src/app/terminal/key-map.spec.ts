import type { KeyOptions } from '../endpoints/key-choices';
import { mappedKey } from './key-map';

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
