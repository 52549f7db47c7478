/** What a key does to the tabs from anywhere in the page, a terminal included. */
export interface TabShortcut {
  /** To the tab before, or the one after. */
  readonly by: -1 | 1;
  /** Whether the tab goes there, instead of the user. */
  readonly isMove: boolean;
}

/**
 * Ctrl+Alt+Page Up and Page Down, with Shift for moving: browsers use Ctrl with these keys, and
 * programs Ctrl+Shift or Alt alone.
 */
export function tabShortcutOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>,
): TabShortcut | undefined {
  const { key, ctrlKey, shiftKey: isMove, altKey, metaKey } = event;
  if (!ctrlKey || !altKey || metaKey) return undefined;
  if (key === 'PageUp') return { by: -1, isMove };
  if (key === 'PageDown') return { by: 1, isMove };
  return undefined;
}
