/**
 * The client's WebSocket speaks one of two languages, chosen by subprotocol:
 * - raw (`binary`, or none): bytes only;
 * - `remoteaccess.v1`: binary frames are session bytes, text frames are the JSON messages of
 *   server-message.ts and client-message.ts.
 *
 * Unknown messages and unknown fields are ignored by both sides, so that either can be newer.
 */
export const SUBPROTOCOLS = { raw: 'binary', v1: 'remoteaccess.v1' } as const;

/** The steps of opening a session, in order. Not every session has all of them. */
export const STEPS = [
  'operation-created',
  'operation-delivered',
  'gateway-connected',
  'endpoint-answered',
  'signed-in',
  'open',
] as const;
export type Step = (typeof STEPS)[number];

export type EndedBy = 'client' | 'gateway' | 'target' | 'service' | 'platform';

/** Limits of prompts to the user and of their answers. */
export const QUESTION_LIMITS = {
  /** Prompts in one message. No sign-in needs more. */
  prompts: 16,
  /** Characters of each text, in both directions. */
  text: 4_096,
} as const;

/**
 * Maximum message length in characters: the largest permitted prompts with every character escaped.
 */
const MAX_MESSAGE_LENGTH = 262_144;

/** A JSON object with a `type`, otherwise unchecked. */
export type TaggedMessage = Readonly<Record<string, unknown>>;

/** @returns `undefined` if the text is too long or is not a JSON object with a `type` */
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

/** Larger terminals are refused; no display is that large. */
const MAX_CELLS = 4096;

/** @returns `undefined` if no terminal can have that size */
export function readTerminalSize({
  cols,
  rows,
}: TaggedMessage): { cols: number; rows: number } | undefined {
  return isCellCount(cols) && isCellCount(rows) ? { cols, rows } : undefined;
}

function isCellCount(value: unknown): value is number {
  return isCount(value) && value >= 1 && value <= MAX_CELLS;
}

/** Whether a value is a non-negative safe integer. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
