/** Shortcuts that work everywhere on a page, also in a viewer that sends all other keys to the far end. */
type Keys = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>;

/** Ctrl+Shift+F6 moves the focus out of a viewer, which Tab cannot do there. */
export function isLeaveShortcut({ key, ctrlKey, shiftKey, altKey, metaKey }: Keys): boolean {
  return key === 'F6' && ctrlKey && shiftKey && !altKey && !metaKey;
}

/** What a key does to the tabs of the page. */
export interface TabShortcut {
  /** To the previous or the next tab. */
  readonly by: -1 | 1;
  /** Whether the tab itself moves, rather than the selection. */
  readonly isMove: boolean;
}

/**
 * Ctrl+Alt+Page Up and Page Down, with Shift to move the tab: browsers use Ctrl with these keys,
 * and programs use Ctrl+Shift or Alt alone.
 */
export function tabShortcutOf(keys: Keys): TabShortcut | undefined {
  const { key, ctrlKey, shiftKey: isMove, altKey, metaKey } = keys;
  if (!ctrlKey || !altKey || metaKey) return undefined;
  if (key === 'PageUp') return { by: -1, isMove };
  if (key === 'PageDown') return { by: 1, isMove };
  return undefined;
}
