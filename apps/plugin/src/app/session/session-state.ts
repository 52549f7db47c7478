import { ERRORS, isErrorCode, type EndedBy, type HostKeyMessage } from '@remote-access/contracts';
import type { Refusal } from '../ui/refusal';
import type { Words } from '../ui/words';

/** What a connecting session waits for, in this order. */
export const STAGES = ['operation', 'gateway', 'sign-in', 'start'] as const;
export type Stage = (typeof STAGES)[number];

/** Who ended a session: a side of it, or nobody who could say so. */
export type Ender = EndedBy | 'network';

/** What is known of a session whatever its phase. */
interface Facts {
  operationId?: string;
  hostKey?: HostKeyMessage;
}

export interface Connecting extends Facts {
  phase: 'connecting';
  stage: Stage;
  /** Milliseconds from the start at which each stage was left. */
  reachedAtMs: Partial<Record<Stage, number>>;
  startedAtMs: number;
}

export interface Open extends Facts {
  phase: 'open';
  sinceMs: number;
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
  /** Whether the session ever was open. */
  wasOpen: boolean;
  /** Where the session was while it failed to open. */
  failedAt?: Stage;
  refusal?: Refusal;
}

export type SessionState = { phase: 'idle' } | Connecting | Open | Ended;

/** Whether connecting again unchanged may help. */
export function mayRetry(ended: Ended): boolean {
  if (ended.refusal) return ended.refusal.retry;
  return isErrorCode(ended.code) ? ERRORS[ended.code].retry : true;
}
