import { tabShortcutOf } from './page-shortcuts';

const NONE = { ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };
const CTRL_ALT = { ...NONE, ctrlKey: true, altKey: true };

describe('the shortcuts of tabs', () => {
  it.each([
    ['PageUp', CTRL_ALT, { by: -1, isMove: false }],
    ['PageDown', CTRL_ALT, { by: 1, isMove: false }],
    ['PageUp', { ...CTRL_ALT, shiftKey: true }, { by: -1, isMove: true }],
    ['PageDown', { ...CTRL_ALT, shiftKey: true }, { by: 1, isMove: true }],
  ])('are %s with %j', (key, modifiers, expected) => {
    expect(tabShortcutOf({ key, ...modifiers })).toEqual(expected);
  });

  it.each([
    ['PageUp', NONE],
    ['PageUp', { ...NONE, ctrlKey: true }],
    ['PageUp', { ...NONE, altKey: true }],
    ['PageDown', { ...NONE, shiftKey: true }],
    ['PageDown', { ...CTRL_ALT, metaKey: true }],
    ['ArrowLeft', CTRL_ALT],
    ['Tab', { ...NONE, ctrlKey: true }],
    ['w', { ...NONE, ctrlKey: true }],
  ])('leave %s with %j to the program', (key, modifiers) => {
    expect(tabShortcutOf({ key, ...modifiers })).toBeUndefined();
  });
});
