/**
 * Ctrl+Shift+F6 moves the focus out of a viewer that sends every other key, including Tab, to the
 * far end.
 */
export function isLeaveShortcut(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>,
): boolean {
  const { key, ctrlKey, shiftKey, altKey, metaKey } = event;
  return key === 'F6' && ctrlKey && shiftKey && !altKey && !metaKey;
}
