import {
  ERRORS,
  isErrorCode,
  type EndedBy,
  type HostKeyMessage,
  type PromptMessage,
} from '@remote-access/contracts';
import type { Refusal } from '../ui/refusal';
import type { Words } from '../ui/words';

/** What a connecting session waits for, in this order. */
export const STAGES = ['operation', 'gateway', 'endpoint', 'sign-in', 'start'] as const;
export type Stage = (typeof STAGES)[number];

/** Who ended a session: a side of it, or nobody who could say so. */
export type Ender = EndedBy | 'network';

/** What the far end asks of the person, and waits for. */
export type Question = PromptMessage | HostKeyMessage;

/** What is known of a session whatever its phase. */
interface Facts {
  operationId?: string;
  hostKey?: HostKeyMessage;
  startedAtMs: number;
  /** Milliseconds from the start at which each stage was left. */
  reachedAtMs: Partial<Record<Stage, number>>;
}

export interface Connecting extends Facts {
  phase: 'connecting';
  stage: Stage;
  question?: Question;
}

export interface Open extends Facts {
  phase: 'open';
  question?: Question;
}

export interface Ended extends Facts {
  phase: 'ended';
  by: Ender;
  /** `normal`, a code of the error catalogue, or what the network said. */
  code: string;
  /** One sentence from the service; empty when it said nothing. */
  text: string;
  /** Why the page gave the session up by itself. */
  words?: Words;
  /** What may help who runs the service; empty when it said nothing. */
  hint: string;
  /** What the program at the far end returned, where it did. */
  exitStatus?: number;
  /** Whether the session ever was open. */
  wasOpen: boolean;
  /** Where the session was while it failed to open, and when it failed, from the start. */
  failedAt?: Stage;
  endedAfterMs: number;
  refusal?: Refusal;
}

export type SessionState = { phase: 'idle' } | Connecting | Open | Ended;

/** Whether something would be lost by leaving. */
export function isUnderWay({ phase }: SessionState): boolean {
  return phase === 'connecting' || phase === 'open';
}

/** Whether connecting again unchanged may help. */
export function mayRetry(ended: Ended): boolean {
  if (ended.refusal) return ended.refusal.retry;
  return isErrorCode(ended.code) ? ERRORS[ended.code].retry : true;
}
