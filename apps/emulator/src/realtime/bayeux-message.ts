/** The fields of a Bayeux 1.0 message that this server reads or writes (docs.cometd.org, "Bayeux"). */
export interface BayeuxMessage {
  channel: string;
  id?: string;
  clientId?: string;
  version?: string;
  supportedConnectionTypes?: string[];
  connectionType?: string;
  subscription?: string | string[];
  successful?: boolean;
  /** `code:arguments:text`. */
  error?: string;
  advice?: BayeuxAdvice;
  ext?: Record<string, unknown>;
  data?: unknown;
}

export interface BayeuxAdvice {
  /** What the client should do next. */
  reconnect?: 'retry' | 'handshake' | 'none';
  /** Milliseconds between the response to a connect and the next connect. */
  interval?: number;
  /** Milliseconds for which a connect may be held. */
  timeout?: number;
}

/** Per request or frame; far more than any client sends. */
const MAX_MESSAGES = 100;

/**
 * Reads one message or an array of them.
 * @returns `undefined` if it is not Bayeux
 */
export function parseBayeux(value: unknown): BayeuxMessage[] | undefined {
  const messages: unknown[] = Array.isArray(value) ? value : [value];
  if (messages.length === 0 || messages.length > MAX_MESSAGES) return undefined;
  return messages.every(isMessage) ? messages : undefined;
}

function isMessage(value: unknown): value is BayeuxMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { channel, clientId, id, advice, ext, subscription } = value as Record<string, unknown>;
  return (
    typeof channel === 'string' &&
    isOptional(clientId, 'string') &&
    (isOptional(id, 'string') || typeof id === 'number') &&
    (isOptional(advice, 'object') || advice === null) &&
    (isOptional(ext, 'object') || ext === null) &&
    (isOptional(subscription, 'string') ||
      (Array.isArray(subscription) && subscription.every(one => typeof one === 'string')))
  );
}

function isOptional(value: unknown, type: 'string' | 'object'): boolean {
  return value === undefined || (value !== null && typeof value === type);
}
