/** What a key does to the tabs from anywhere on the page, including a terminal. */
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
export function tabShortcutOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>,
): TabShortcut | undefined {
  const { key, ctrlKey, shiftKey: isMove, altKey, metaKey } = event;
  if (!ctrlKey || !altKey || metaKey) return undefined;
  if (key === 'PageUp') return { by: -1, isMove };
  if (key === 'PageDown') return { by: 1, isMove };
  return undefined;
}
