import {
  type EndedBy,
  isCount,
  parseTagged,
  QUESTION_LIMITS,
  type Step,
  type TaggedMessage,
} from './wire';

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
  /** The picture that OpenSSH draws of a key, lines joined by line ends; empty where none is. */
  randomart: string;
  state: 'known' | 'new' | 'changed';
  /** Whether the session waits for a `host-key-answer`. */
  question: boolean;
}

/** Questions of the far end to a person. Its texts are not ours: they are shown as text. */
export interface PromptMessage {
  type: 'prompt';
  /** Named in the answer; counts up in a session. */
  id: number;
  /** Empty where there is none. */
  title: string;
  instructions: string;
  /** None where there is only something to read; it is answered all the same. */
  prompts: Prompt[];
}

export interface Prompt {
  text: string;
  /** Whether what is typed may be seen. */
  echo: boolean;
}

export interface PongMessage {
  type: 'pong';
  /** Of the `ping`. */
  id: number;
}

export interface ErrorMessage {
  type: 'error';
  /** A code of the error catalogue. */
  code: string;
  text: string;
  /** What to try. */
  hint: string;
  /** The step that was not reached; absent once the session was open. */
  step?: Step;
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
  /** Name of the signal that ended it, such as `SIGTERM`. */
  exitSignal?: string;
}

export type ServerMessage =
  StatusMessage | HostKeyMessage | PromptMessage | PongMessage | ErrorMessage | EndedMessage;

/**
 * Reads a text frame of the microservice.
 * @returns the message; `undefined` for one that is unknown, malformed or out of bounds.
 */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const message = parseTagged(text);
  const wanted = FIELDS.get(message?.['type']);
  if (!message || !wanted) return undefined;
  const whole = Object.entries(wanted).every(([field, type]) => typeof message[field] === type);
  if (!whole) return undefined;
  switch (message['type']) {
    case 'host-key':
      // A service that is older than these two fields asks nothing.
      return { randomart: '', question: false, ...message } as unknown as HostKeyMessage;
    case 'prompt':
      return isPrompt(message) ? message : undefined;
    case 'pong':
      return isCount(message['id']) ? (message as unknown as PongMessage) : undefined;
    default:
      return message as unknown as ServerMessage;
  }
}

const FIELDS = new Map<unknown, Readonly<Record<string, 'string' | 'number' | 'object'>>>([
  ['status', { step: 'string', elapsedMs: 'number' }],
  ['host-key', { keyType: 'string', sha256: 'string', md5: 'string', state: 'string' }],
  ['prompt', { id: 'number', title: 'string', instructions: 'string', prompts: 'object' }],
  ['pong', { id: 'number' }],
  ['error', { code: 'string', text: 'string', hint: 'string' }],
  ['ended', { by: 'string', code: 'string', text: 'string', outputBytes: 'number' }],
]);

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
