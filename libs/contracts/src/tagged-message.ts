/** Longest control message that is parsed, in characters: as much as may be asked, all escaped. */
const MAX_MESSAGE_LENGTH = 262_144;

/** A JSON object with a `type`, not looked at any further. */
export type TaggedMessage = Readonly<Record<string, unknown>>;

/** @returns `undefined` for what is too long, no JSON, or no object with a `type` */
export function parseTagged(text: string): TaggedMessage | undefined {
  if (text.length > MAX_MESSAGE_LENGTH) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'type')
    ? (value as TaggedMessage)
    : undefined;
}

/** A whole number that counts something: exact, and not below zero. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
