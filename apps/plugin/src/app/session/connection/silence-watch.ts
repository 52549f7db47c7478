/** An unstable connection that answers no ping for this long is given up. */
const MAX_SILENCE_MS = 5_000;

/**
 * Detects a connection that was lost without being closed: some networks accept what is sent and
 * return nothing, for minutes.
 */
export class SilenceWatch {
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether anything was received while a ping is unanswered. */
  private isAlive = false;
  /** The network has changed: a single unanswered ping is enough to give up the connection. */
  private isDoubtful = false;

  /**
   * @param comesBack whether the page would reconnect; otherwise silence has no consequence
   * @param lost the connection is to be given up
   */
  constructor(
    private readonly comesBack: () => boolean,
    private readonly lost: () => void,
  ) {}

  /** Something was received. */
  heard(): void {
    this.isAlive = true;
  }

  /** The network may have changed. */
  doubt(): void {
    this.isDoubtful = true;
  }

  /** @param isUnstable whether a ping has been unanswered for too long */
  measured(isUnstable: boolean): void {
    if (!isUnstable) this.stop();
    else if (this.comesBack()) {
      this.isAlive = false;
      this.timer ??= setTimeout(() => this.expired(), this.isDoubtful ? 0 : MAX_SILENCE_MS);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isDoubtful = false;
  }

  /** A pong may be late only because a picture arrives before it. */
  private expired(): void {
    this.timer = undefined;
    if (this.isAlive) this.measured(true);
    else this.lost();
  }
}
