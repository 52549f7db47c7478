import { isCount, parseTagged, QUESTION_LIMITS } from './wire';

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
 * and the end of the session still come. Clients that send {@link AckMessage} need it not.
 */
export interface FlowMessage {
  type: 'flow';
  state: 'hold' | 'go';
}

/**
 * How much of the output has been drawn since the session began. From the first one on the
 * microservice lets no more than a window of output be on its way.
 */
export interface AckMessage {
  type: 'ack';
  bytes: number;
}

/** Answered at once with `pong`, beside the output: the round trip as a keystroke has it. */
export interface PingMessage {
  type: 'ping';
  id: number;
}

/** A break on the line, for consoles that know one. */
export interface BreakMessage {
  type: 'break';
}

/** The answers to a `prompt`, in its order. They are secrets. */
export interface AnswersMessage {
  type: 'answers';
  id: number;
  answers: string[];
}

/** What a user says to a host key that is not known: connect, connect and pin it, or do not. */
export const HOST_KEY_ANSWERS = ['once', 'save', 'abort'] as const;
export type HostKeyAnswer = (typeof HOST_KEY_ANSWERS)[number];

export interface HostKeyAnswerMessage {
  type: 'host-key-answer';
  answer: HostKeyAnswer;
}

export type ClientMessage =
  | ResizeMessage
  | DisconnectMessage
  | FlowMessage
  | AckMessage
  | PingMessage
  | BreakMessage
  | AnswersMessage
  | HostKeyAnswerMessage;

/** Terminals wider or higher than this are not asked for: nobody reads them. */
const MAX_CELLS = 4096;

/**
 * Reads a text frame of a client.
 * @returns the message; `undefined` for one that is unknown, malformed or out of bounds.
 */
export function parseClientMessage(text: string): ClientMessage | undefined {
  const message = parseTagged(text);
  if (!message) return undefined;
  switch (message['type'] as ClientMessage['type']) {
    case 'resize': {
      const { cols, rows } = message;
      return isCellCount(cols) && isCellCount(rows) ? { type: 'resize', cols, rows } : undefined;
    }
    case 'flow': {
      const { state } = message;
      return state === 'hold' || state === 'go' ? { type: 'flow', state } : undefined;
    }
    case 'ack': {
      const { bytes } = message;
      return isCount(bytes) ? { type: 'ack', bytes } : undefined;
    }
    case 'ping': {
      const { id } = message;
      return isCount(id) ? { type: 'ping', id } : undefined;
    }
    case 'answers': {
      const { id, answers } = message;
      return isCount(id) && isAnswers(answers) ? { type: 'answers', id, answers } : undefined;
    }
    case 'host-key-answer': {
      const answer = HOST_KEY_ANSWERS.find(one => one === message['answer']);
      return answer && { type: 'host-key-answer', answer };
    }
    case 'disconnect':
      return { type: 'disconnect' };
    case 'break':
      return { type: 'break' };
    default:
      return undefined;
  }
}

function isCellCount(value: unknown): value is number {
  return isCount(value) && value >= 1 && value <= MAX_CELLS;
}

function isAnswers(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length > QUESTION_LIMITS.prompts) return false;
  return value.every(one => typeof one === 'string' && one.length <= QUESTION_LIMITS.text);
}
