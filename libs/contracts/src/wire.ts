/**
 * The client's WebSocket speaks one of two languages, chosen by subprotocol:
 * - raw (`binary`, or none): bytes only;
 * - `remoteaccess.v1`: binary frames are session bytes, text frames are the JSON messages of
 *   server-message.ts and client-message.ts.
 *
 * Unknown messages and unknown fields are ignored by both sides, so that either can be newer.
 */
export const SUBPROTOCOLS = { raw: 'binary', v1: 'remoteaccess.v1' } as const;

/** What has been reached while a session opens, in this order; not every session has each of them. */
export const STEPS = [
  'operation-created',
  'operation-delivered',
  'gateway-connected',
  'endpoint-answered',
  'signed-in',
  'open',
] as const;
export type Step = (typeof STEPS)[number];

/** Who ended a session. */
export type EndedBy = 'client' | 'gateway' | 'target' | 'service' | 'platform';

/** Bounds of what is asked of a person and of what is answered. */
export const QUESTION_LIMITS = {
  /** Questions in one message: what asks for more is no sign-in. */
  prompts: 16,
  /** Characters of each text, in both directions. */
  text: 4_096,
} as const;

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
