import {
  type EndedBy,
  isCount,
  parseTagged,
  QUESTION_LIMITS,
  readTerminalSize,
  type Step,
  type TaggedMessage,
} from './wire';
import {
  parseScreen,
  parseWatchers,
  parseWatching,
  type ScreenMessage,
  type ScreenWantedMessage,
  type SizeMessage,
  type WatchersMessage,
  type WatchingMessage,
} from './watching';

export interface StatusMessage {
  type: 'status';
  step: Step;
  /** Milliseconds since the WebSocket was opened. */
  elapsedMs: number;
  /** With `operation-created`; shown in the Control tab. */
  operationId?: string;
  /** With `signed-in`: what the user should know about the sign-in. */
  warning?: SignInWarning;
  /** With `open` of a VNC session: whether the connection to the VNC server is encrypted. */
  isEncrypted?: boolean;
}

/** `unencrypted-sign-in`: others on the network could read user name and password. */
export type SignInWarning = 'unencrypted-sign-in';

export interface HostKeyMessage {
  type: 'host-key';
  /** As in the SSH protocol, e.g. `ssh-ed25519`. */
  keyType: string;
  /** `SHA256:…`, base64 without padding, as ssh-keygen prints it. */
  sha256: string;
  /** `MD5:aa:bb:…`. */
  md5: string;
  /** OpenSSH's randomart, lines separated by line feeds; may be empty. */
  randomart: string;
  /** `saved` follows `new`: the key is pinned from now on. */
  state: 'known' | 'new' | 'saved' | 'changed';
  /** Whether the session waits for a `host-key-answer`. */
  question: boolean;
}

/** Prompts from the remote server to the user. Its texts are untrusted and shown as plain text. */
export interface PromptMessage {
  type: 'prompt';
  /** Repeated in the answer; increases within a session. */
  id: number;
  /** May be empty. */
  title: string;
  instructions: string;
  /** May be empty if there is only something to read. The message must be answered nonetheless. */
  prompts: Prompt[];
}

export interface Prompt {
  text: string;
  /** Whether the input may be visible. */
  echo: boolean;
}

export interface PongMessage {
  type: 'pong';
  /** The id of the `ping`. */
  id: number;
  /** Absent before the gateway has connected, and if its agent does not answer pings. */
  gateway?: GatewayCondition;
  /** The latest round trip from the service to the gateway, in milliseconds. */
  gatewayMs?: number;
  /** Present if the protocol can probe the endpoint and it has answered once. */
  endpoint?: EndpointCondition;
  /** The latest round trip from the service to the endpoint, like {@link endpoint}. */
  endpointMs?: number;
}

/**
 * Whether the gateway's agent answers pings; `not-reading` if bytes are pending for it and it reads
 * none.
 */
export const GATEWAY_CONDITIONS = ['answers', 'silent', 'not-reading'] as const;
export type GatewayCondition = (typeof GATEWAY_CONDITIONS)[number];

/** Whether the endpoint answers probes. */
export const ENDPOINT_CONDITIONS = ['answers', 'silent'] as const;
export type EndpointCondition = (typeof ENDPOINT_CONDITIONS)[number];

/**
 * Why a session is about to end: it is idle, its maximum duration is reached, or the service shuts
 * down.
 */
export const CLOSING_CAUSES = ['idle', 'duration', 'shutdown'] as const;
export type ClosingCause = (typeof CLOSING_CAUSES)[number];

/** The session will end. If the cause is `idle`, any byte or {@link StayMessage} prevents it. */
export interface ClosingMessage {
  type: 'closing';
  cause: ClosingCause;
  /** How soon, in milliseconds. */
  inMs: number;
}

/** The session is no longer idle: disregard the last `closing` with that cause. */
export interface StaysOpenMessage {
  type: 'stays-open';
}

export interface ErrorMessage {
  type: 'error';
  /** A code of the error catalogue. */
  code: string;
  text: string;
  hint: string;
  /** The step that failed; absent once the session is open. */
  step?: Step;
}

export interface EndedMessage {
  type: 'ended';
  by: EndedBy;
  /** `normal`, or a code of the error catalogue. */
  code: string;
  /** A sentence for the user. */
  text: string;
  /** Bytes of session output sent to this client, binary frames only. */
  outputBytes: number;
  /** Exit status of the remote shell, if known. */
  exitStatus?: number;
  /** Signal that ended the remote shell, e.g. `SIGTERM`. */
  exitSignal?: string;
}

/** The session is open, and the service keeps it if the client loses its connection. */
export interface KeptMessage {
  type: 'kept';
  sessionId: string;
  /** How long the session waits for the client. */
  seconds: number;
}

/** The first message to a client that has resumed a session. */
export interface ResumedMessage {
  type: 'resumed';
  sessionId: string;
  /** Bytes of input that the service has received: the client sends what follows. */
  input: number;
  /** Offset of the output that follows, in bytes since the session began. */
  output: number;
  /** How long the session waits for the client from now on. */
  seconds: number;
}

/** How many bytes of input the service has received: the client need not keep them any longer. */
export interface InputMessage {
  type: 'input';
  bytes: number;
}

export type ServerMessage =
  | StatusMessage
  | HostKeyMessage
  | PromptMessage
  | PongMessage
  | ClosingMessage
  | StaysOpenMessage
  | KeptMessage
  | ResumedMessage
  | InputMessage
  | WatchersMessage
  | ScreenWantedMessage
  | WatchingMessage
  | ScreenMessage
  | SizeMessage
  | ErrorMessage
  | EndedMessage;

/**
 * Parses the microservice's text frame.
 * @returns `undefined` if the message is unknown, malformed or out of bounds
 */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const message = parseTagged(text);
  const fields = FIELDS.get(message?.['type']);
  if (!message || !fields) return undefined;
  const isComplete = Object.entries(fields).every(
    ([field, type]) => typeof message[field] === type,
  );
  if (!isComplete) return undefined;
  switch (message['type']) {
    case 'host-key':
      // Older services do not send these two fields and never ask.
      return { randomart: '', question: false, ...message } as unknown as HostKeyMessage;
    case 'prompt':
      return isPrompt(message) ? message : undefined;
    case 'closing':
      return isClosing(message) ? message : undefined;
    case 'pong':
      return isCount(message['id']) ? pong(message['id'], message) : undefined;
    case 'input':
      return isCount(message['bytes']) ? (message as unknown as InputMessage) : undefined;
    case 'watchers':
      return parseWatchers(message);
    case 'watching':
      return parseWatching(message);
    case 'screen':
      return parseScreen(message);
    case 'size': {
      const size = readTerminalSize(message);
      return size && { type: 'size', ...size };
    }
    case 'screen-wanted':
      return isCount(message['id']) ? (message as unknown as ScreenWantedMessage) : undefined;
    case 'resumed': {
      const counts = [message['input'], message['output']];
      return counts.every(isCount) ? (message as unknown as ResumedMessage) : undefined;
    }
    default:
      return message as unknown as ServerMessage;
  }
}

const FIELDS = new Map<unknown, Readonly<Record<string, 'string' | 'number' | 'object'>>>([
  ['status', { step: 'string', elapsedMs: 'number' }],
  ['host-key', { keyType: 'string', sha256: 'string', md5: 'string', state: 'string' }],
  ['prompt', { id: 'number', title: 'string', instructions: 'string', prompts: 'object' }],
  ['pong', { id: 'number' }],
  ['closing', { cause: 'string', inMs: 'number' }],
  ['stays-open', {}],
  ['kept', { sessionId: 'string', seconds: 'number' }],
  ['resumed', { sessionId: 'string', input: 'number', output: 'number', seconds: 'number' }],
  ['input', { bytes: 'number' }],
  ['watchers', { watchers: 'object' }],
  ['watching', { user: 'string', state: 'string', keyboard: 'string' }],
  ['screen', { id: 'number', output: 'number', data: 'string' }],
  ['screen-wanted', { id: 'number' }],
  ['size', { cols: 'number', rows: 'number' }],
  ['error', { code: 'string', text: 'string', hint: 'string' }],
  ['ended', { by: 'string', code: 'string', text: 'string', outputBytes: 'number' }],
]);

/** Unknown values, which only a newer service may send, are dropped. */
function pong(id: number, message: TaggedMessage): PongMessage {
  const gateway = GATEWAY_CONDITIONS.find(one => one === message['gateway']);
  const endpoint = ENDPOINT_CONDITIONS.find(one => one === message['endpoint']);
  const { gatewayMs, endpointMs } = message;
  return {
    type: 'pong',
    id,
    ...(gateway && { gateway }),
    ...(isDuration(gatewayMs) && { gatewayMs }),
    ...(endpoint && { endpoint }),
    ...(isDuration(endpointMs) && { endpointMs }),
  };
}

function isClosing(message: TaggedMessage): message is TaggedMessage & ClosingMessage {
  return CLOSING_CAUSES.some(cause => cause === message['cause']) && isDuration(message['inMs']);
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isPrompt(message: TaggedMessage): message is TaggedMessage & PromptMessage {
  const { id, title, instructions, prompts } = message;
  if (!isCount(id) || !Array.isArray(prompts)) return false;
  if (prompts.length > QUESTION_LIMITS.prompts) return false;
  const texts = [title, instructions, ...prompts.map(one => (one as Prompt | null)?.text)];
  const echoes = prompts.map(one => (one as Prompt | null)?.echo);
  return (
    texts.every(text => typeof text === 'string' && text.length <= QUESTION_LIMITS.text) &&
    echoes.every(echo => typeof echo === 'boolean')
  );
}
