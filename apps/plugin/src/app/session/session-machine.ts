import type { EndedMessage, ErrorMessage, ServerMessage, Step } from '@remote-access/contracts';
import { ERRORS, STEPS } from '@remote-access/contracts';
import type { Refusal } from '../ui/refusal';
import type { Words } from '../ui/words';
import type { Connecting, Ended, Ender, Question, SessionState, Stage } from './session-state';

/** The stage in which a step is waited for. */
const STAGE_OF: Readonly<Record<Step, Stage>> = {
  'operation-created': 'operation',
  'operation-delivered': 'gateway',
  'gateway-connected': 'gateway',
  'endpoint-answered': 'endpoint',
  'signed-in': 'sign-in',
  open: 'start',
};

/** How an end came about, as the one who tells it knows it. */
type Cause = Pick<Ended, 'by' | 'code' | 'text'> &
  Partial<Pick<Ended, 'hint' | 'words' | 'exitStatus' | 'refusal'>>;

/** Where a session is, from what the service and the network say. Knows no WebSocket. */
export class SessionMachine {
  state: SessionState = { phase: 'idle' };
  /** The service tells an error before it ends; a lost connection after it is that error. */
  private error: ErrorMessage | undefined;
  private leaving = false;

  start(nowMs: number): void {
    this.error = undefined;
    this.leaving = false;
    this.state = { phase: 'connecting', stage: 'operation', reachedAtMs: {}, startedAtMs: nowMs };
  }

  refused(refusal: Refusal, nowMs: number): void {
    if (this.state.phase !== 'connecting') return;
    this.end(nowMs, {
      by: refusal.code || refusal.status === 0 ? 'service' : 'platform',
      code: refusal.code ?? 'refused',
      text: '',
      refusal,
    });
  }

  message(message: ServerMessage, nowMs: number): void {
    const { state } = this;
    if (state.phase === 'idle' || state.phase === 'ended') return;
    switch (message.type) {
      case 'status':
        this.reached(message.step, message.operationId, nowMs);
        break;
      case 'host-key':
        this.state = { ...state, hostKey: message };
        if (message.question) this.ask(message);
        break;
      case 'prompt':
        this.ask(message);
        break;
      case 'error':
        this.error = message;
        break;
      case 'ended':
        this.end(nowMs, { ...this.told(message), by: message.by });
        break;
      case 'pong':
        break;
      default:
        message satisfies never;
    }
  }

  /** The person has answered what was asked. */
  answered(): void {
    if (this.state.phase === 'connecting' || this.state.phase === 'open') {
      this.state = { ...this.state, question: undefined };
    }
  }

  /** The user asked for the end: what comes after it is no failure. */
  leave(): void {
    this.leaving = true;
  }

  /** The browser gives the session up by itself. */
  give(by: Ender, code: string, words: Words, nowMs: number): void {
    this.end(nowMs, { by, code, text: '', words });
  }

  closed(closeCode: number, reason: string, nowMs: number): void {
    const { error } = this;
    if (this.leaving) this.end(nowMs, { by: 'client', code: 'normal', text: '' });
    else if (error) this.end(nowMs, { ...error, by: 'service' });
    else this.end(nowMs, unexplained(closeCode, reason));
  }

  private ask(question: Question): void {
    const { state } = this;
    if (state.phase === 'connecting' || state.phase === 'open') this.state = { ...state, question };
  }

  private reached(step: Step, operationId: string | undefined, nowMs: number): void {
    const { state } = this;
    if (state.phase !== 'connecting') return;
    const known = { ...state, operationId: operationId ?? state.operationId };
    if (step === 'open') {
      // Some servers wait to be spoken to, and some want no sign-in.
      const stage = ['endpoint', 'sign-in'].includes(known.stage) ? 'start' : known.stage;
      const passed = leave({ ...known, stage }, nowMs);
      const { operationId: operation, hostKey, startedAtMs, reachedAtMs } = passed;
      this.state = { phase: 'open', operationId: operation, hostKey, startedAtMs, reachedAtMs };
      return;
    }
    // A newer service may know more steps.
    if (!STEPS.includes(step)) return;
    const stage = STAGE_OF[STEPS[STEPS.indexOf(step) + 1]!];
    this.state = stage === state.stage ? known : { ...leave(known, nowMs), stage };
  }

  /** The end in the words of the service; an error that it told before has the hint. */
  private told({ code, text, exitStatus }: EndedMessage): Omit<Cause, 'by'> {
    const hint = this.error?.code === code ? this.error.hint : '';
    return { code, text, hint, exitStatus };
  }

  /** The service knows better than the steps it told so far. */
  private missedBy(state: Connecting): Stage {
    const step = this.error?.step;
    return (step && STAGE_OF[step]) ?? state.stage;
  }

  private end(nowMs: number, cause: Cause): void {
    const { state } = this;
    if (state.phase === 'idle' || state.phase === 'ended') return;
    const { by, code, text, hint = '', words, exitStatus, refusal } = cause;
    const { operationId, hostKey, startedAtMs, reachedAtMs } = state;
    this.state = {
      phase: 'ended',
      ...{ operationId, hostKey, startedAtMs, reachedAtMs },
      ...{ by, code, text, hint, words, exitStatus, refusal },
      wasOpen: state.phase === 'open',
      failedAt: state.phase === 'connecting' ? this.missedBy(state) : undefined,
      endedAfterMs: nowMs - startedAtMs,
    };
  }
}

function leave(state: Connecting, nowMs: number): Connecting {
  const reachedAtMs = { ...state.reachedAtMs, [state.stage]: nowMs - state.startedAtMs };
  return { ...state, reachedAtMs };
}

/** A WebSocket that closed without a word: its close code may still be one of the catalogue. */
function unexplained(closeCode: number, reason: string): Cause {
  const [code] =
    Object.entries(ERRORS).find(([, entry]) => entry.closeCode === closeCode && reason) ?? [];
  return code
    ? { by: 'service', code, text: reason }
    : { by: 'network', code: String(closeCode), text: reason };
}
