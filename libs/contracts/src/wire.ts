/**
 * The client's WebSocket speaks one of two languages, chosen by subprotocol:
 * - raw (`binary`, or none): bytes only;
 * - `remoteaccess.v1`: binary frames are session bytes, text frames are the JSON messages below.
 *
 * Unknown messages and unknown fields are ignored by both sides, so that either can be newer.
 */
export const SUBPROTOCOLS = { raw: 'binary', v1: 'remoteaccess.v1' } as const;

/** What has been reached while a session opens, in this order. */
export const STEPS = [
  'operation-created',
  'operation-delivered',
  'gateway-connected',
  'signed-in',
  'open',
] as const;
export type Step = (typeof STEPS)[number];

/** Who ended a session. */
export type EndedBy = 'client' | 'gateway' | 'target' | 'service' | 'platform';

export interface StatusMessage {
  type: 'status';
  step: Step;
  /** Milliseconds since the WebSocket was opened. */
  elapsedMs: number;
  /** With `operation-created`: the operation's id, for the Control tab. */
  operationId?: string;
}

export interface HostKeyMessage {
  type: 'host-key';
  /** As in the SSH protocol, e.g. `ssh-ed25519`. */
  keyType: string;
  /** `SHA256:…`, base64 without padding, as ssh-keygen prints it. */
  sha256: string;
  /** `MD5:aa:bb:…`. */
  md5: string;
  state: 'known' | 'new' | 'changed';
}

export interface ErrorMessage {
  type: 'error';
  /** A code of the error catalogue. */
  code: string;
  text: string;
  hint: string;
}

export interface LatencyMessage {
  type: 'latency';
  /** Round trip between browser and microservice, in milliseconds. */
  clientMs: number;
}

export interface EndedMessage {
  type: 'ended';
  by: EndedBy;
  /** `normal`, or a code of the error catalogue. */
  code: string;
  /** For the user, one sentence. */
  text: string;
  /** Bytes of session output sent to this client, binary frames only. */
  outputBytes: number;
  /** Exit status of the remote shell, where it gave one. */
  exitStatus?: number;
}

export type ServerMessage =
  StatusMessage | HostKeyMessage | ErrorMessage | LatencyMessage | EndedMessage;

export interface ResizeMessage {
  type: 'resize';
  cols: number;
  rows: number;
}

export interface DisconnectMessage {
  type: 'disconnect';
}

/**
 * Asks the microservice to hold output back, or to go on. A page cannot stop reading its
 * WebSocket, so a terminal that is slower than the network says so. Only output is held: status
 * and the end of the session still come.
 */
export interface FlowMessage {
  type: 'flow';
  state: 'hold' | 'go';
}

export type ClientMessage = ResizeMessage | DisconnectMessage | FlowMessage;

/** The answer to `POST /client/{deviceId}/configurations/{id}/tickets`. */
export interface Ticket {
  /** 32 random bytes, base64url. Serves once. */
  ticket: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** Terminals wider or higher than this are not asked for: nobody reads them. */
const MAX_CELLS = 4096;

/** Longest control message that is parsed, in characters. */
const MAX_MESSAGE_LENGTH = 65_536;

/**
 * Reads a text frame of a client.
 * @returns the message; `undefined` for one that is unknown, malformed or out of bounds.
 */
export function parseClientMessage(text: string): ClientMessage | undefined {
  const message = parseTagged(text);
  switch (message?.['type']) {
    case 'resize': {
      const { cols, rows } = message;
      return isCellCount(cols) && isCellCount(rows) ? { type: 'resize', cols, rows } : undefined;
    }
    case 'disconnect':
      return { type: 'disconnect' };
    case 'flow': {
      const { state } = message;
      return state === 'hold' || state === 'go' ? { type: 'flow', state } : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Reads a text frame of the microservice.
 * @returns the message; `undefined` for one that is unknown or malformed.
 */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const message = parseTagged(text);
  const wanted = SERVER_FIELDS.get(message?.['type']);
  if (!message || !wanted) return undefined;
  const whole = Object.entries(wanted).every(([field, type]) => typeof message[field] === type);
  return whole ? (message as unknown as ServerMessage) : undefined;
}

const SERVER_FIELDS = new Map<unknown, Readonly<Record<string, 'string' | 'number'>>>([
  ['status', { step: 'string', elapsedMs: 'number' }],
  ['host-key', { keyType: 'string', sha256: 'string', md5: 'string', state: 'string' }],
  ['error', { code: 'string', text: 'string', hint: 'string' }],
  ['latency', { clientMs: 'number' }],
  ['ended', { by: 'string', code: 'string', text: 'string', outputBytes: 'number' }],
]);

function parseTagged(text: string): Record<string, unknown> | undefined {
  if (text.length > MAX_MESSAGE_LENGTH) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'type')
    ? (value as Record<string, unknown>)
    : undefined;
}

function isCellCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_CELLS;
}
