import { STEPS, type OperationId, type StatusMessage, type Step } from '@remote-access/contracts';

/** Tells a client how far its session has come, each step once and in order. */
export class Progress {
  readonly startedAt = new Date();
  private readonly startedAtMs = performance.now();
  private last: Step | undefined;

  constructor(private readonly tell: (message: StatusMessage) => void) {}

  get elapsedMs(): number {
    return performance.now() - this.startedAtMs;
  }

  /** The step that is waited for; `undefined` once the session is open. */
  get next(): Step | undefined {
    return STEPS[this.last === undefined ? 0 : STEPS.indexOf(this.last) + 1];
  }

  /** What was passed already is not told again, so that a step may be skipped and come late. */
  reached(step: Step, operationId?: OperationId): void {
    if (this.last !== undefined && STEPS.indexOf(step) <= STEPS.indexOf(this.last)) return;
    // A gateway that is here took its operation, also when that was not seen in time.
    if (step === 'gateway-connected' && this.last === 'operation-created') {
      this.reached('operation-delivered');
    }
    this.last = step;
    const named = operationId === undefined ? {} : { operationId };
    this.tell({ type: 'status', step, elapsedMs: Math.round(this.elapsedMs), ...named });
  }
}
