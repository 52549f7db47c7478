import type { ErrorMessage, ServerMessage, Step } from '@remote-access/contracts';
import { ERRORS } from '@remote-access/contracts';
import type { Refusal } from '../ui/refusal';
import type { Words } from '../ui/words';
import type { Ended, Ender, SessionState, Stage } from './session-state';

/** What a stage waits for next, once the service has reached a step. */
const NEXT_STAGE: Readonly<Record<Exclude<Step, 'open'>, Stage>> = {
  'operation-created': 'gateway',
  'operation-delivered': 'gateway',
  'gateway-connected': 'sign-in',
  'signed-in': 'start',
};

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

  refused(refusal: Refusal): void {
    if (this.state.phase !== 'connecting') return;
    this.end({
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
        break;
      case 'error':
        this.error = message;
        break;
      case 'ended':
        this.end({ by: message.by, code: message.code, text: message.text });
        break;
      case 'prompt':
      case 'pong':
        break;
      default:
        message satisfies never;
    }
  }

  /** The user asked for the end: what comes after it is no failure. */
  leave(): void {
    this.leaving = true;
  }

  /** The browser gives the session up by itself. */
  give(by: Ender, code: string, words: Words): void {
    if (this.state.phase === 'idle' || this.state.phase === 'ended') return;
    this.end({ by, code, text: '', words });
  }

  closed(closeCode: number, reason: string): void {
    if (this.state.phase === 'idle' || this.state.phase === 'ended') return;
    if (this.leaving) this.end({ by: 'client', code: 'normal', text: '' });
    else if (this.error) this.end({ by: 'service', code: this.error.code, text: this.error.text });
    else this.end(unexplained(closeCode, reason));
  }

  private reached(step: Step, operationId: string | undefined, nowMs: number): void {
    const { state } = this;
    if (state.phase !== 'connecting') return;
    const facts = { operationId: operationId ?? state.operationId, hostKey: state.hostKey };
    if (step === 'open') {
      this.state = { phase: 'open', sinceMs: nowMs, ...facts };
      return;
    }
    const stage = NEXT_STAGE[step];
    // A newer service may know more steps.
    if (!stage) return;
    const reachedAtMs =
      stage === state.stage
        ? state.reachedAtMs
        : { ...state.reachedAtMs, [state.stage]: nowMs - state.startedAtMs };
    this.state = { ...state, ...facts, stage, reachedAtMs };
  }

  private end(how: { by: Ender; code: string; text: string } & Partial<Ended>): void {
    const { state } = this;
    if (state.phase === 'idle') return;
    const known = state.phase === 'ended' ? {} : { operationId: state.operationId };
    this.state = {
      ...known,
      hostKey: state.hostKey,
      ...how,
      phase: 'ended',
      wasOpen: state.phase === 'open',
      failedAt: state.phase === 'connecting' ? state.stage : undefined,
    };
  }
}

/** A WebSocket that closed without a word: its close code may still be one of the catalogue. */
function unexplained(closeCode: number, reason: string): { by: Ender; code: string; text: string } {
  const [code] =
    Object.entries(ERRORS).find(([, entry]) => entry.closeCode === closeCode && reason) ?? [];
  return code
    ? { by: 'service', code, text: reason }
    : { by: 'network', code: String(closeCode), text: reason };
}
