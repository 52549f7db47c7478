/** What the terminal's page does at keys of its own; all others belong to the program. */
export type Shortcut =
  'search' | 'copy' | 'paste' | 'leave' | 'larger' | 'smaller' | 'usual-size' | 'none';

type Keys = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>;

/** Reads a key press; `none` for what is the program's. */
export function shortcutOf(keys: Keys): Shortcut {
  const { ctrlKey, shiftKey, altKey, metaKey } = keys;
  if (altKey || metaKey || !ctrlKey) return 'none';
  if (keys.key === 'F6' && shiftKey) return 'leave';
  // By the letter, not by the place of its key: keyboards differ.
  const letter = keys.key.toLowerCase();
  if (shiftKey) {
    const action = { f: 'search', c: 'copy', v: 'paste' }[letter] as Shortcut | undefined;
    if (action) return action;
  }
  // Plus is with or without Shift, minus is Ctrl+_ in editors when Shift is down.
  if (letter === '+' || letter === '=') return 'larger';
  if (letter === '-' && !shiftKey) return 'smaller';
  return letter === '0' && !shiftKey ? 'usual-size' : 'none';
}
