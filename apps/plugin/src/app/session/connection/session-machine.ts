import {
  type ClosingCause,
  ERRORS,
  isErrorCode,
  STEPS,
  type EndedBy,
  type EndedMessage,
  type ErrorMessage,
  type HostKeyMessage,
  type PromptMessage,
  type ServerMessage,
  type SignInWarning,
  type StatusMessage,
  type Step,
} from '@remote-access/contracts';
import type { Refusal } from '../../ui/refusal';
import type { Message } from '../../ui/message';

/** The stages of connecting, in order. */
export const STAGES = ['operation', 'gateway', 'endpoint', 'sign-in', 'start'] as const;
export type Stage = (typeof STAGES)[number];

/** The stage in which the session waits for each step. */
const STAGE_OF: Readonly<Record<Step, Stage>> = {
  'operation-created': 'operation',
  'operation-delivered': 'gateway',
  'gateway-connected': 'gateway',
  'endpoint-answered': 'endpoint',
  'signed-in': 'sign-in',
  open: 'start',
};

/** The side that ended a session; `network` if the connection broke without an explanation. */
export type EndSource = EndedBy | 'network';

/** A question from the far end, which waits for the user's answer. */
export type SessionQuestion = PromptMessage | HostKeyMessage;

/** Known in every phase after `idle`. */
interface Facts {
  operationId?: string;
  hostKey?: HostKeyMessage;
  /** What the user should know about the sign-in. */
  warning?: SignInWarning;
  /** VNC: whether the session is encrypted on the gateway's network; known once it is open. */
  isEncrypted?: boolean;
  startedAtMs: number;
  /** When each stage was completed, in milliseconds since the start. */
  reachedAtMs: Partial<Record<Stage, number>>;
}

/** The end that the service has announced. */
export interface ExpectedEnd {
  cause: ClosingCause;
  /** In terms of the clock `nowMs`. */
  atMs: number;
}

interface Running extends Facts {
  closing?: ExpectedEnd;
  question?: SessionQuestion;
  /** The service reports an error before it ends the session; see {@link SessionMachine.closed}. */
  error?: ErrorMessage;
}

export interface Connecting extends Running {
  phase: 'connecting';
  stage: Stage;
}

export interface Open extends Running {
  phase: 'open';
}

/** The connection is lost, and the session waits for the page to come back. */
export interface Interrupted extends Running {
  phase: 'interrupted';
  /**
   * Until when the session waits, on the page's clock; `undefined` if a new session will replace
   * it.
   */
  keptUntilMs: number | undefined;
  /** Bytes that were typed meanwhile and will be sent. */
  heldBytes: number;
  /** Whether no more input can be held. */
  isFull: boolean;
}

export interface Ended extends Facts {
  phase: 'ended';
  by: EndSource;
  /** `normal`, a code of the error catalogue, or a WebSocket close code. */
  code: string;
  /** One sentence from the service, or empty. */
  text: string;
  /** Why the page itself ended the session, if it did. */
  message?: Message;
  /** A hint from the service for its operator, or empty. */
  hint: string;
  /** The exit status of the remote program, if there was one. */
  exitStatus?: number;
  wasOpen: boolean;
  /** The stage that failed, if the session never opened. */
  failedAt?: Stage;
  /** Milliseconds since the start. */
  endedAfterMs: number;
  refusal?: Refusal;
}

export type SessionState = { phase: 'idle' } | Connecting | Open | Interrupted | Ended;
export type StartedState = Exclude<SessionState, { phase: 'idle' }>;

/** Whether leaving the page now would interrupt a session. */
export function isUnderWay(state: SessionState): state is Connecting | Open | Interrupted {
  return state.phase !== 'idle' && state.phase !== 'ended';
}

/** Whether connecting again without changing anything may succeed. */
export function mayRetry(ended: Ended): boolean {
  if (ended.refusal) return ended.refusal.retry;
  return isErrorCode(ended.code) ? ERRORS[ended.code].retry : true;
}

type EndCause = Pick<Ended, 'by' | 'code' | 'text'> &
  Partial<Pick<Ended, 'hint' | 'message' | 'exitStatus' | 'refusal'>>;

/**
 * Derives the state of a session from messages and network events, independent of any WebSocket.
 */
export class SessionMachine {
  state: SessionState = { phase: 'idle' };

  start(nowMs: number): void {
    this.state = { phase: 'connecting', stage: 'operation', reachedAtMs: {}, startedAtMs: nowMs };
  }

  /** The page was reloaded, and its session may still be waiting. */
  restoring(nowMs: number, keptUntilMs: number): void {
    const facts = { startedAtMs: nowMs, reachedAtMs: {} };
    this.state = { phase: 'interrupted', ...facts, keptUntilMs, heldBytes: 0, isFull: false };
  }

  refused(refusal: Refusal, nowMs: number): void {
    if (!isUnderWay(this.state)) return;
    this.end(nowMs, {
      by: refusal.code || refusal.status === 0 ? 'service' : 'platform',
      code: refusal.code ?? 'refused',
      text: '',
      refusal,
    });
  }

  message(message: ServerMessage, nowMs: number): void {
    const { state } = this;
    if (!isUnderWay(state)) return;
    switch (message.type) {
      case 'status':
        if (state.phase === 'connecting') {
          this.state = advance(withFactsOf(message, state), message.step, nowMs);
        } else if (state.phase === 'interrupted' && state.keptUntilMs === undefined) {
          const known = withFactsOf(message, state);
          const { step } = message;
          const { error } = state;
          this.state = step === 'open' ? { phase: 'open', ...factsOf(known), error } : known;
        }
        break;
      case 'host-key':
        this.state = { ...state, hostKey: message };
        if (message.question) this.state.question = message;
        break;
      case 'prompt':
        this.state = { ...state, question: message };
        break;
      case 'error':
        this.state = { ...state, error: message };
        break;
      case 'ended':
        this.end(nowMs, { ...explainedEnd(message, state.error), by: message.by });
        break;
      case 'closing':
        this.state = { ...state, closing: { cause: message.cause, atMs: nowMs + message.inMs } };
        break;
      case 'stays-open':
        if (state.closing?.cause === 'idle') this.state = { ...state, closing: undefined };
        break;
      case 'resumed':
        if (state.phase !== 'interrupted') break;
        this.state = { phase: 'open', ...factsOf(state) };
        break;
      case 'kept':
      case 'input':
      case 'pong':
      case 'watchers':
      case 'watching':
      case 'screen':
      case 'screen-wanted':
      case 'size':
        break;
      default:
        message satisfies never;
    }
  }

  /**
   * The connection is lost; the session waits.
   * @param keptUntilMs `undefined` if it does not wait and the page opens a new one
   */
  interrupted(keptUntilMs?: number): void {
    if (this.state.phase !== 'open') return;
    const facts = factsOf(this.state);
    this.state = { phase: 'interrupted', ...facts, keptUntilMs, heldBytes: 0, isFull: false };
  }

  /** Reports what was typed while the connection is lost. */
  held(heldBytes: number, isFull: boolean): void {
    if (this.state.phase !== 'interrupted') return;
    this.state = { ...this.state, heldBytes, isFull };
  }

  /** The user has answered the question. */
  answered(): void {
    if (isUnderWay(this.state)) this.state = { ...this.state, question: undefined };
  }

  /** The user ends the session. */
  leave(nowMs: number): void {
    this.end(nowMs, { by: 'client', code: 'normal', text: '' });
  }

  /** The page ends the session because it cannot continue. */
  giveUp(by: EndSource, code: string, message: Message, nowMs: number): void {
    this.end(nowMs, { by, code, text: '', message });
  }

  /** Whether a WebSocket that closes like this was lost without any explanation. */
  hasVanished(closeCode: number, reason: string): boolean {
    if (!isUnderWay(this.state) || this.state.error) return false;
    return closeCode !== 1000 && unexplainedEnd(closeCode, reason).by === 'network';
  }

  /** The WebSocket closed. If an error was reported before, it is the reason. */
  closed(closeCode: number, reason: string, nowMs: number): void {
    const error = isUnderWay(this.state) ? this.state.error : undefined;
    if (error) this.end(nowMs, { ...error, by: 'service' });
    else this.end(nowMs, unexplainedEnd(closeCode, reason));
  }

  private end(nowMs: number, cause: EndCause): void {
    const { state } = this;
    if (!isUnderWay(state)) return;
    const { by, code, text, hint = '', message, exitStatus, refusal } = cause;
    this.state = {
      phase: 'ended',
      ...factsOf(state),
      ...{ by, code, text, hint, message, exitStatus, refusal },
      wasOpen: state.phase !== 'connecting',
      failedAt: state.phase === 'connecting' ? failedStage(state) : undefined,
      endedAfterMs: nowMs - state.startedAtMs,
    };
  }
}

/** Each fact arrives with one step only; the other steps do not mention it. */
function withFactsOf<State extends Facts>(message: StatusMessage, state: State): State {
  const {
    operationId = state.operationId,
    warning = state.warning,
    isEncrypted = state.isEncrypted,
  } = message;
  return { ...state, operationId, warning, isEncrypted };
}

function advance(state: Connecting, step: Step, nowMs: number): Connecting | Open {
  if (step === 'open') {
    // Some servers send nothing before the client does, and some need no sign-in.
    const stage = ['endpoint', 'sign-in'].includes(state.stage) ? 'start' : state.stage;
    const completed = completeStage({ ...state, stage }, nowMs);
    return { phase: 'open', ...factsOf(completed), error: completed.error };
  }
  // A newer service may report steps that this version does not know.
  if (!STEPS.includes(step)) return state;
  const stage = STAGE_OF[STEPS[STEPS.indexOf(step) + 1]!];
  return stage === state.stage ? state : { ...completeStage(state, nowMs), stage };
}

function factsOf(facts: Facts): Facts {
  const { operationId, hostKey, warning, isEncrypted, startedAtMs, reachedAtMs } = facts;
  return { operationId, hostKey, warning, isEncrypted, startedAtMs, reachedAtMs };
}

function completeStage(state: Connecting, nowMs: number): Connecting {
  const reachedAtMs = { ...state.reachedAtMs, [state.stage]: nowMs - state.startedAtMs };
  return { ...state, reachedAtMs };
}

/** The step that the service names is more precise than the last one it reported. */
function failedStage({ error, stage }: Connecting): Stage {
  return (error?.step && STAGE_OF[error.step]) ?? stage;
}

/** The end in the service's own words, with the hint of the error if it is the same one. */
function explainedEnd(
  { code, text, exitStatus }: EndedMessage,
  error: ErrorMessage | undefined,
): Omit<EndCause, 'by'> {
  return { code, text, hint: error?.code === code ? error.hint : '', exitStatus };
}

/** A close without an `ended` message. The close code may still belong to the error catalogue. */
function unexplainedEnd(closeCode: number, reason: string): EndCause {
  const [code] =
    Object.entries(ERRORS).find(([, entry]) => entry.closeCode === closeCode && reason) ?? [];
  return code
    ? { by: 'service', code, text: reason }
    : { by: 'network', code: String(closeCode), text: reason };
}
