import {
  type KeyboardMessage,
  parseScreen,
  type ScreenMessage,
  type WatchableMessage,
  type WatchAnswerMessage,
} from './watching';
import { isCount, parseTagged, QUESTION_LIMITS, readTerminalSize } from './wire';

export interface ResizeMessage {
  type: 'resize';
  cols: number;
  rows: number;
}

export interface DisconnectMessage {
  type: 'disconnect';
}

/**
 * Asks the microservice to pause or resume output, because a page cannot stop reading its
 * WebSocket. Only output is paused: status messages and the end of the session still arrive.
 * Clients that send {@link AckMessage} do not need this message.
 */
export interface FlowMessage {
  type: 'flow';
  state: 'hold' | 'go';
}

/**
 * How many bytes of output have been rendered since the session began. From the first
 * acknowledgement on, the microservice limits the output in flight to a window.
 */
export interface AckMessage {
  type: 'ack';
  bytes: number;
}

/**
 * Answered immediately with `pong`, ahead of queued output, to measure the round trip of a
 * keystroke.
 */
export interface PingMessage {
  type: 'ping';
  id: number;
}

/** A serial break, for consoles that support one. */
export interface BreakMessage {
  type: 'break';
}

/** The answers to a `prompt`, in the same order. They are secrets. */
export interface AnswersMessage {
  type: 'answers';
  id: number;
  answers: string[];
}

/** The answer to an unknown host key: connect once, connect and pin the key, or do not connect. */
export const HOST_KEY_ANSWERS = ['once', 'save', 'abort'] as const;
export type HostKeyAnswer = (typeof HOST_KEY_ANSWERS)[number];

export interface HostKeyAnswerMessage {
  type: 'host-key-answer';
  answer: HostKeyAnswer;
}

/**
 * A new ticket of the same user for the same endpoint: from now on the session is reviewed with the
 * credentials behind it. Pages send it when their sign-in has been renewed.
 */
export interface RenewMessage {
  type: 'renew';
  ticket: string;
}

/** The user is still there: counts as activity for the idle timeout. */
export interface StayMessage {
  type: 'stay';
}

/**
 * The client can resume: its session should outlive a lost connection. Sent before the session is
 * open, unless the ticket request already said so; {@link KeptMessage} confirms it if the service
 * supports it.
 */
export interface KeepMessage {
  type: 'keep';
  /** 32 random bytes, base64url. The client presents it once to resume. */
  key: string;
}

export type ClientMessage =
  | KeepMessage
  | ResizeMessage
  | DisconnectMessage
  | FlowMessage
  | AckMessage
  | PingMessage
  | BreakMessage
  | AnswersMessage
  | HostKeyAnswerMessage
  | RenewMessage
  | StayMessage
  | WatchableMessage
  | ScreenMessage
  | WatchAnswerMessage
  | KeyboardMessage;

/** Generous limit; a ticket is shorter. */
const MAX_TICKET_LENGTH = 100;

/** 32 bytes in base64url. */
const RESUME_KEY = /^[\w-]{43}$/;

/**
 * Parses a client's text frame.
 * @returns `undefined` if the message is unknown, malformed or out of bounds
 */
export function parseClientMessage(text: string): ClientMessage | undefined {
  const message = parseTagged(text);
  if (!message) return undefined;
  const tag = message['type'] as ClientMessage['type'];
  switch (tag) {
    case 'resize': {
      const size = readTerminalSize(message);
      return size && { type: 'resize', ...size };
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
    case 'renew': {
      const { ticket } = message;
      const isText = typeof ticket === 'string' && ticket.length <= MAX_TICKET_LENGTH;
      return isText ? { type: 'renew', ticket } : undefined;
    }
    case 'keep': {
      const { key } = message;
      return isResumeKey(key) ? { type: 'keep', key } : undefined;
    }
    case 'screen':
      return parseScreen(message);
    case 'watch-answer': {
      const { id, allow } = message;
      const isValid = isCount(id) && typeof allow === 'boolean';
      return isValid ? { type: 'watch-answer', id, allow } : undefined;
    }
    case 'keyboard': {
      const { watcher } = message;
      return watcher === null || isCount(watcher) ? { type: 'keyboard', watcher } : undefined;
    }
    case 'watchable':
      return { type: 'watchable' };
    case 'disconnect':
      return { type: 'disconnect' };
    case 'break':
      return { type: 'break' };
    case 'stay':
      return { type: 'stay' };
    default:
      // Of a client that is newer than this.
      tag satisfies never;
      return undefined;
  }
}

/** Whether a value has the form of a key for resuming a session. */
export function isResumeKey(value: unknown): value is string {
  return typeof value === 'string' && RESUME_KEY.test(value);
}

function isAnswers(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length > QUESTION_LIMITS.prompts) return false;
  return value.every(one => typeof one === 'string' && one.length <= QUESTION_LIMITS.text);
}
