import { isLeaveShortcut } from '../ui/page-shortcuts';

/** What the page does with a key. All other keys go to the program. */
export type Shortcut =
  'search' | 'copy' | 'paste' | 'leave' | 'larger' | 'smaller' | 'default-size' | 'none';

type Keys = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>;

/**
 * @param ctrlVPastes whether Ctrl+V also pastes; otherwise it goes to the program
 * @returns the shortcut, or `none` if the key goes to the program
 */
export function shortcutOf(keys: Keys, ctrlVPastes: boolean): Shortcut {
  const { ctrlKey, shiftKey, altKey, metaKey } = keys;
  if (isLeaveShortcut(keys)) return 'leave';
  if (altKey || metaKey || !ctrlKey) return 'none';
  // By letter, not by position, because keyboard layouts differ.
  const letter = keys.key.toLowerCase();
  if (shiftKey) {
    const action = { f: 'search', c: 'copy', v: 'paste' }[letter] as Shortcut | undefined;
    if (action) return action;
  }
  // Plus may need Shift. Minus with Shift is Ctrl+_, which editors use.
  if (letter === '+' || letter === '=') return 'larger';
  if (letter === '-' && !shiftKey) return 'smaller';
  if (shiftKey) return 'none';
  if (ctrlVPastes && letter === 'v') return 'paste';
  // On some keyboards, such as French ones, the digit key types a letter.
  return letter === '0' || keys.code === 'Digit0' ? 'default-size' : 'none';
}
