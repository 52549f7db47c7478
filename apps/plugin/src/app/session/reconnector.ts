/** Attempts come at once, and then less and less often: a network is back within seconds, or minutes. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Before the attempt that follows a success of no duration. */
const LATER_MS = 5_000;

/** An attempt without a sign of life: the network takes what is sent and returns nothing. */
const ATTEMPT_TIMEOUT_MS = 10_000;

/** Pages that lost their connection together do not come back together. */
const JITTER = 0.3;

export interface Attempt {
  /** False once it took too long: another attempt has begun, or begins soon. */
  isCurrent(): boolean;
  /** The other end has answered: it gets more time. */
  progressed(): void;
}

/** Repeats an attempt until it succeeds or is hopeless; one at a time. */
export class Reconnector {
  private pauseMs = FIRST_PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isTrying = false;
  private isStopped = false;

  /** @param attempt resolves to whether it need not be repeated */
  constructor(private readonly attempt: (attempt: Attempt) => Promise<boolean>) {}

  /** Tries at once, unless an attempt is under way: the network has come back, or the user says so. */
  now(): void {
    if (this.isTrying || this.isStopped) return;
    clearTimeout(this.timer);
    void this.try();
  }

  /** Tries after a while: the last success did not last. */
  later(): void {
    this.timer = setTimeout(() => this.now(), LATER_MS);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private async try(): Promise<void> {
    this.isTrying = true;
    let isLate = false;
    const isCurrent = (): boolean => !isLate && !this.isStopped;
    let timeout: ReturnType<typeof setTimeout> | undefined;
    let progressed!: () => void;
    const tooLate = new Promise<boolean>(resolve => {
      progressed = () => {
        clearTimeout(timeout);
        timeout = setTimeout(() => {
          isLate = true;
          resolve(false);
        }, ATTEMPT_TIMEOUT_MS);
      };
    });
    progressed();
    const attempt = this.attempt({ isCurrent, progressed }).catch(() => false);
    const isDone = await Promise.race([attempt, tooLate]);
    clearTimeout(timeout);
    this.isTrying = false;
    if (isDone) this.stop();
    if (this.isStopped) return;
    const pauseMs = this.pauseMs * (1 + Math.random() * JITTER);
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    this.timer = setTimeout(() => this.now(), pauseMs);
  }
}
