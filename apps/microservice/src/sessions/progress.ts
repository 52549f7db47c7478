import { STEPS, type StatusMessage, type Step } from '@remote-access/contracts';

/** Details that an individual step may carry. */
type StepFacts = Pick<StatusMessage, 'operationId' | 'warning' | 'isEncrypted'>;

export interface ProgressOwner {
  tellUser(message: StatusMessage): void;
  /** Another step has been reached. */
  onStep(step: Step, sincePreviousMs: number): void;
}

/** Reports to the client which steps of connecting are done, each step once and in order. */
export class Progress {
  /** In milliseconds since 1970. */
  readonly startedAtEpochMs = Date.now();
  private readonly startedAtMs = performance.now();
  private last: Step | undefined;
  private lastAtMs = this.startedAtMs;

  constructor(private readonly owner: ProgressOwner) {}

  get elapsedMs(): number {
    return performance.now() - this.startedAtMs;
  }

  /** The next step to reach; `undefined` once the session is open. */
  get next(): Step | undefined {
    return STEPS[this.last === undefined ? 0 : STEPS.indexOf(this.last) + 1];
  }

  /** Ignores steps up to the last one reported: steps may be skipped or reached late. */
  reached(step: Step, facts: StepFacts = {}): void {
    if (this.last !== undefined && STEPS.indexOf(step) <= STEPS.indexOf(this.last)) return;
    // A gateway that has connected has received its operation, even if that was noticed too late.
    if (step === 'gateway-connected' && this.last === 'operation-created') {
      this.reached('operation-delivered');
    }
    this.last = step;
    const now = performance.now();
    this.owner.onStep(step, now - this.lastAtMs);
    this.lastAtMs = now;
    this.owner.tellUser({ type: 'status', step, elapsedMs: Math.round(this.elapsedMs), ...facts });
  }
}
