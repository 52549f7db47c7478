import type { BayeuxMessage } from './bayeux-session';

/** Whether a parsed JSON text is what a Bayeux server sends: an array of messages. */
export function areMessages(value: unknown): value is BayeuxMessage[] {
  return Array.isArray(value) && value.every(isMessage);
}

function isMessage(value: unknown): value is BayeuxMessage {
  return typeof (value as { channel?: unknown } | null)?.channel === 'string';
}
