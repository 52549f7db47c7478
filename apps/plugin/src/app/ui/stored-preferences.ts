/**
 * Reads preferences stored as a JSON object.
 *
 * @param store like `localStorage`: may throw, and may contain anything
 * @returns the unvalidated object, empty if there is none
 */
export function readStored(store: Pick<Storage, 'getItem'>, key: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(store.getItem(key) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function writeStored(
  store: Pick<Storage, 'setItem'>,
  key: string,
  preferences: object,
): void {
  try {
    store.setItem(key, JSON.stringify(preferences));
  } catch {
    // Storage is disabled or full: the preferences apply to this page only.
  }
}

/** The stored value if it is a boolean, otherwise the default. */
export function booleanOr(value: unknown, otherwise: boolean): boolean {
  return typeof value === 'boolean' ? value : otherwise;
}
