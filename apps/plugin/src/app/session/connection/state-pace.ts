import type { SessionState } from './session-machine';

/** What is shown for less time, nobody can read. */
const READABLE_MS = 300;

/** The first output usually follows an open session within this time, and is drawn before its state. */
const OUTPUT_WITHIN_MS = 100;

/**
 * Decides which states of a session are shown. While connecting has taken less than
 * {@link READABLE_MS}, only the first state is, and questions: the steps would flash by, and
 * rendering each of them would delay the connection. That such a session is open is shown after
 * {@link OUTPUT_WITHIN_MS}, because rendering it would delay the output.
 */
export class StatePace {
  private latest: SessionState = { phase: 'idle' };
  private readable: ReturnType<typeof setTimeout> | undefined;
  private opening: ReturnType<typeof setTimeout> | undefined;
  private isSlow = false;

  /** @param show gets a state, and whether connecting takes long enough to list its steps */
  constructor(private readonly show: (state: SessionState, isSlow: boolean) => void) {}

  next(state: SessionState): void {
    const before = this.latest;
    this.latest = state;
    if (state.phase === 'open' && !state.closing && this.holds(before)) return;
    if (state.phase !== 'connecting') this.stop();
    else if (before.phase !== 'connecting') this.start();
    else if (state.question || state.closing) this.becomeSlow();
    else if (!this.isSlow) return;
    this.show(state, this.isSlow);
  }

  /** Shows nothing that is still held back. */
  stop(): void {
    clearTimeout(this.readable);
    clearTimeout(this.opening);
    this.opening = undefined;
    this.isSlow = false;
  }

  /** Whether an open session is shown later. */
  private holds(before: SessionState): boolean {
    if (before.phase === 'open') return this.opening !== undefined;
    if (before.phase !== 'connecting' || this.isSlow) return false;
    clearTimeout(this.readable);
    this.opening = setTimeout(() => {
      this.stop();
      this.show(this.latest, this.isSlow);
    }, OUTPUT_WITHIN_MS);
    return true;
  }

  private start(): void {
    this.stop();
    this.readable = setTimeout(() => {
      this.becomeSlow();
      this.show(this.latest, this.isSlow);
    }, READABLE_MS);
  }

  private becomeSlow(): void {
    clearTimeout(this.readable);
    this.isSlow = true;
  }
}
