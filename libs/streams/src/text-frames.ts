import { inSharedTurn, type SharedTurn } from './turn-queue';

/**
 * Dragging a window's border sends 60 sizes a second, and rendering a flood as many
 * acknowledgements.
 */
const TEXTS_PER_MS = 1;

/**
 * Texts that a peer may send in a burst. One read of 64 KiB may contain 10,000; the pause
 * compensates for it.
 */
const BURST_TEXTS = 500;

/** Reading a long text takes as long as reading this many bytes of short ones. */
const BYTES_PER_TEXT = 256;

/** A sender that is paused for longer could be considered dead. */
const MAX_PAUSE_MS = 5_000;

/**
 * Text frames that are delivered before other sockets get their turn: one read of 64 KiB may
 * contain thousands. Few, because many connections may be read in one turn.
 */
const TEXTS_PER_TURN = 4;

/** The stream to which the text frames belong. */
export interface TextFrameOwner {
  readonly destroyed: boolean;
  readonly socket: TextSocket;
  deliverText(text: string): void;
  /** The socket may be read again, as far as text frames are concerned. */
  readOn(): void;
}

interface TextSocket {
  pause(): void;
  cork?(): void;
  uncork?(): void;
}

/**
 * The text frames that a stream receives. Each of them costs more than its bytes, so few are
 * delivered in one turn of the event loop, and the socket is paused for a while if more arrive than
 * {@link TextQuota} allows. Bytes do not wait for them.
 */
export class TextFrames {
  private readonly quota = new TextQuota();
  private pause: NodeJS.Timeout | undefined;
  /** Wait for the next turn; at most those of one read. */
  private readonly waiting: Buffer[] = [];
  private deliveredInTurn = 0;
  private nextTurn: SharedTurn | undefined;

  constructor(private readonly stream: TextFrameOwner) {}

  /** Whether the socket may be read, as far as text frames are concerned. */
  get mayRead(): boolean {
    return this.pause === undefined && this.waiting.length === 0;
  }

  receive(text: Buffer): void {
    this.pauseFor(this.quota.take(text.length));
    this.nextTurn ??= inSharedTurn(() => this.beginTurn());
    if (this.deliveredInTurn < TEXTS_PER_TURN && this.waiting.length === 0) {
      this.deliver(text);
    } else {
      this.waiting.push(text);
      this.stream.socket.pause();
    }
  }

  /** The socket is closed; frames that wait are still delivered. */
  socketClosed(): void {
    clearTimeout(this.pause);
  }

  /** Drops the frames that wait. */
  destroy(): void {
    clearTimeout(this.pause);
    this.nextTurn?.cancel();
    this.waiting.length = 0;
  }

  private deliver(text: Buffer): void {
    const { socket } = this.stream;
    // The answers to all of a turn are sent together: a system call costs more than an answer.
    if (this.deliveredInTurn === 0 && socket.cork) {
      socket.cork();
      process.nextTick(uncork, socket);
    }
    this.deliveredInTurn += 1;
    this.stream.deliverText(text.toString('utf8'));
  }

  private pauseFor(ms: number): void {
    if (ms === 0 || this.pause) return;
    this.stream.socket.pause();
    this.pause = setTimeout(() => {
      this.pause = undefined;
      this.stream.readOn();
    }, ms);
  }

  private beginTurn(): void {
    this.nextTurn = undefined;
    this.deliveredInTurn = 0;
    for (const text of this.waiting.splice(0, TEXTS_PER_TURN)) {
      if (this.stream.destroyed) return;
      this.deliver(text);
    }
    if (this.deliveredInTurn > 0) this.nextTurn = inSharedTurn(() => this.beginTurn());
    this.stream.readOn();
  }
}

/** A shared function, because there is one quota per connection. */
const monotonic = (): number => performance.now();

/** Limits the text frames that a peer may send: 1,000 a second, and bursts of 500. */
export class TextQuota {
  private used = 0;
  private lastAt = -Infinity;

  constructor(private readonly now: () => number = monotonic) {}

  /**
   * Counts a text.
   * @returns for how many milliseconds no more texts should be read
   */
  take(bytes: number): number {
    const now = this.now();
    const regained = (now - this.lastAt) * TEXTS_PER_MS;
    this.lastAt = now;
    this.used = Math.max(0, this.used - regained) + 1 + bytes / BYTES_PER_TEXT;
    if (this.used <= BURST_TEXTS) return 0;
    return Math.min(MAX_PAUSE_MS, Math.ceil(this.used / TEXTS_PER_MS));
  }
}

function uncork(socket: TextSocket): void {
  socket.uncork?.();
}
