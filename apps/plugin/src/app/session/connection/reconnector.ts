/**
 * Attempts start at once and then become less frequent: networks come back within seconds or
 * minutes.
 */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Pause before the next attempt if the last success did not last. */
const LATER_MS = 5_000;

/**
 * Timeout of an attempt without any response: some networks accept what is sent and return nothing.
 */
const ATTEMPT_TIMEOUT_MS = 10_000;

/** Spreads the attempts of pages that lost their connection at the same moment. */
const JITTER = 0.3;

export interface Attempt {
  /** False once the attempt took too long: another one has begun, or will begin soon. */
  isCurrent(): boolean;
  /** The other end has responded: the attempt gets more time. */
  progressed(): void;
}

/** Repeats an attempt until it succeeds or is hopeless; one at a time. */
export class Reconnector {
  private pauseMs = FIRST_PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isTrying = false;
  private isStopped = false;

  /** @param attempt resolves to whether no further attempt is needed */
  constructor(private readonly attempt: (attempt: Attempt) => Promise<boolean>) {}

  /**
   * Tries immediately, unless an attempt is in progress: the network is back, or the user asks for
   * it.
   */
  now(): void {
    if (this.isTrying || this.isStopped) return;
    clearTimeout(this.timer);
    void this.try();
  }

  /** Tries after a pause: the last success did not last. */
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
