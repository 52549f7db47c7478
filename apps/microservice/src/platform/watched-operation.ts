import type { Operation } from '@remote-access/contracts/platform';

/**
 * How often an operation is read while real time is silent: a net under lost messages and dead
 * connections.
 */
const POLL_PERIOD_MS = 2_000;

export type OperationListener = (operation: Operation) => void;

interface WatchTools {
  readonly read: () => Promise<Operation | undefined>;
  /** Calls back when something may have happened. @returns ends it */
  readonly onNews: (look: () => void) => () => void;
  readonly onFailure: (cause: unknown) => void;
  readonly listener: OperationListener;
}

/** Reads one operation when there may be news of it and tells what is new. */
export class WatchedOperation {
  private over = false;
  private looking = false;
  private lookAgain = false;
  private seen = '';
  private timer: NodeJS.Timeout | undefined;
  private stopNews = (): void => undefined;
  private ended = (): void => undefined;

  constructor(private readonly tools: WatchTools) {}

  /** @param ended is called once, when nothing is watched any more */
  start(ended: () => void): void {
    this.ended = ended;
    this.stopNews = this.tools.onNews(() => void this.look());
    void this.look();
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.stopNews();
    this.ended();
  }

  /** One read at a time; news that comes during one means another one after it. */
  private async look(): Promise<void> {
    if (this.looking) {
      this.lookAgain = true;
      return;
    }
    this.looking = true;
    clearTimeout(this.timer);
    do {
      this.lookAgain = false;
      await this.readOnce();
    } while (this.lookAgain && !this.over);
    this.looking = false;
    if (!this.over) this.timer = setTimeout(() => void this.look(), POLL_PERIOD_MS);
  }

  private async readOnce(): Promise<void> {
    try {
      const operation = await this.tools.read();
      if (this.over || !operation) return;
      const { status, failureReason } = operation;
      const state = JSON.stringify([status, failureReason]);
      if (state === this.seen) return;
      this.seen = state;
      if (status === 'SUCCESSFUL' || status === 'FAILED') this.end();
      this.tools.listener(operation);
    } catch (cause) {
      if (!this.over) this.tools.onFailure(cause);
    }
  }
}
