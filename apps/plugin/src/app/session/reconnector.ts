/** Attempts come at once, and then less and less often: a network is back within seconds, or minutes. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** An attempt without an answer: the network takes what is sent and returns nothing. */
const ATTEMPT_TIMEOUT_MS = 10_000;

/** Pages that lost their connection together do not come back together. */
const JITTER = 0.3;

/** Repeats an attempt until it succeeds or is hopeless; one at a time. */
export class Reconnector {
  private pauseMs = FIRST_PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isTrying = false;
  private isStopped = false;

  /**
   * @param attempt resolves to whether it need not be repeated. `isCurrent` is false once it took
   * too long: another attempt has begun, or begins soon
   */
  constructor(private readonly attempt: (isCurrent: () => boolean) => Promise<boolean>) {}

  /** Tries at once, unless an attempt is under way: the network has come back, or the user says so. */
  now(): void {
    if (this.isTrying || this.isStopped) return;
    clearTimeout(this.timer);
    void this.try();
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
    const tooLate = new Promise<boolean>(resolve => {
      timeout = setTimeout(() => {
        isLate = true;
        resolve(false);
      }, ATTEMPT_TIMEOUT_MS);
    });
    const isDone = await Promise.race([this.attempt(isCurrent).catch(() => false), tooLate]);
    clearTimeout(timeout);
    this.isTrying = false;
    if (isDone) this.stop();
    if (this.isStopped) return;
    const pauseMs = this.pauseMs * (1 + Math.random() * JITTER);
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    this.timer = setTimeout(() => this.now(), pauseMs);
  }
}
