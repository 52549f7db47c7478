import type {
  ScreenMessage,
  ScreenWantedMessage,
  ServerMessage,
  SizeMessage,
} from '@remote-access/contracts';

/** If a watcher falls behind by more than this, the output is skipped and replaced by a screen. */
const MAX_BEHIND_BYTES = 512 * 1024;

/** Minimum interval between screens, so that the terminal is not busy with nothing else. */
const SCREEN_EVERY_MS = 1_000;

/** Asks again after this time: the user's page may be busy, hidden, or not listening at all. */
const ASK_AGAIN_MS = 5_000;

/** The session's output, the latest part of which is kept. Positions count from its beginning. */
export interface KeptSource {
  readonly bytesOut: number;
  /** The position of the first byte that is kept. */
  readonly oldest: number;
  /** @returns at least one byte, if there is any at this position */
  outputFrom(position: number): Buffer | undefined;
}

/** The connection of a watcher, as far as output is concerned. */
export interface ScreenSink {
  readonly destroyed: boolean;
  readonly writableLength: number;
  readonly writableNeedDrain: boolean;
  tell(message: ServerMessage): void;
  write(chunk: Buffer): boolean;
  end(): void;
  countFrom(bytes: number, onDrawn: (bytes: number) => void): void;
  on(event: 'drain', listener: () => void): unknown;
  off(event: 'drain', listener: () => void): unknown;
}

interface Follower {
  readonly sink: ScreenSink;
  readonly pump: () => void;
  /** The position of the next byte to send; `undefined` while it needs a screen. */
  position: number | undefined;
}

/**
 * Shows a terminal to its watchers: first what is on the user's screen, which the user's page
 * provides on request, and from there on the output. A watcher that is too slow gets another screen
 * instead of what it missed, so that nothing accumulates and the session never waits.
 */
export class ScreenFeed {
  private readonly followers = new Set<Follower>();
  private lastId = 0;
  /** The id of the requested screen. */
  private wantedId: number | undefined;
  private askedAtMs = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly source: KeptSource,
    private readonly ask: (message: ScreenWantedMessage) => void,
  ) {}

  /** @returns a function that stops it */
  follow(sink: ScreenSink): () => void {
    const follower: Follower = { sink, position: undefined, pump: () => this.pump(follower) };
    this.followers.add(follower);
    sink.on('drain', follower.pump);
    this.pump(follower);
    return () => {
      sink.off('drain', follower.pump);
      this.followers.delete(follower);
    };
  }

  /** Called when the session has more output. */
  outputArrived(): void {
    for (const { pump } of this.followers) pump();
  }

  /** A screen from the user's page. One that was not requested, or cannot be used, is ignored. */
  screenArrived(screen: ScreenMessage): void {
    const { output, id } = screen;
    const { bytesOut, oldest } = this.source;
    if (id !== this.wantedId || output > bytesOut || output < oldest) return;
    this.stopWaiting();
    for (const follower of this.followers) {
      const { sink } = follower;
      if (!isReady(follower)) continue;
      sink.tell(screen);
      sink.countFrom(output, () => undefined);
      follower.position = output;
      this.pump(follower);
    }
    this.schedule();
  }

  /** The page that was asked is gone; a new one may answer. */
  userReturned(): void {
    this.stopWaiting();
    this.schedule();
  }

  resized(size: Omit<SizeMessage, 'type'>): void {
    for (const { sink } of this.followers) sink.tell({ type: 'size', ...size });
  }

  /** The session is over: followers get the rest of the output. */
  close(): void {
    clearTimeout(this.timer);
    for (const follower of this.followers) {
      this.pump(follower);
      follower.sink.end();
    }
    this.followers.clear();
  }

  private pump(follower: Follower): void {
    const { source } = this;
    const { sink } = follower;
    if (sink.destroyed) return;
    for (;;) {
      const { position } = follower;
      if (position === undefined) return this.schedule();
      const isBehind = source.bytesOut - position > MAX_BEHIND_BYTES || position < source.oldest;
      if (isBehind) follower.position = undefined;
      else if (position === source.bytesOut || sink.writableNeedDrain) return;
      else {
        const chunk = source.outputFrom(position)!;
        follower.position = position + chunk.length;
        sink.write(chunk);
      }
    }
  }

  private stopWaiting(): void {
    this.wantedId = undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Requests a screen once a watcher that needs one is ready for it. */
  private schedule(): void {
    const isNeeded = [...this.followers].some(({ position }) => position === undefined);
    if (!isNeeded || this.timer !== undefined) return;
    const pauseMs = this.wantedId === undefined ? SCREEN_EVERY_MS : ASK_AGAIN_MS;
    const dueInMs = Math.max(0, this.askedAtMs + pauseMs - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.askedAtMs = performance.now();
      if ([...this.followers].some(isReady)) {
        this.wantedId = ++this.lastId;
        this.ask({ type: 'screen-wanted', id: this.wantedId });
      }
      this.schedule();
    }, dueInMs);
  }
}

/** Whether a watcher needs a screen and has been sent everything before it. */
function isReady({ position, sink }: Follower): boolean {
  return position === undefined && sink.writableLength === 0 && !sink.destroyed;
}
