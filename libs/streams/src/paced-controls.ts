import type { Writable } from 'node:stream';

/** Users want one break or interrupt; a few more do no harm. */
const MAX_PENDING_SIGNALS = 3;

/**
 * The period of sizes, and of signals, in the long run. No display shows more sizes of a window
 * that is being dragged.
 */
const PERIOD_MS = 16;

/** Sent at once after a pause, so that what is typed after a new size does not overtake it. */
const BURST = 8;

export interface PacedControlsOptions<Size> {
  readonly resize: (size: Size) => void;
  /** Whether the protocol itself would queue controls, e.g. while keys are exchanged. */
  readonly isHeld?: () => boolean;
  readonly periodMs?: number;
}

/**
 * Limits how often a terminal's controls are sent, and sends them only while the connection is
 * writable, so that they neither keep the process busy nor accumulate for a peer that does not
 * read. Until then the latest size and a few signals are kept; the others are dropped.
 */
export class PacedControls<Size> {
  private size: Size | undefined;
  private readonly signals: (() => void)[] = [];
  private readonly sizePace: Pace;
  private readonly signalPace: Pace;
  private timer: NodeJS.Timeout | undefined;
  private waits = false;

  constructor(
    private readonly connection: Writable,
    private readonly options: PacedControlsOptions<Size>,
  ) {
    this.sizePace = new Pace(this.periodMs);
    this.signalPace = new Pace(this.periodMs);
  }

  resize(size: Size): void {
    this.size = size;
    this.flush();
  }

  /** @param send sends a break or an interrupt; not called if too many are pending */
  signal(send: () => void): void {
    if (this.signals.length < MAX_PENDING_SIGNALS) this.signals.push(send);
    this.flush();
  }

  /** Sends pending controls, as far as they are due and the connection accepts them. */
  flush(): void {
    for (;;) {
      const nowMs = performance.now();
      const isSizeDue = this.size !== undefined && this.sizePace.isDue(nowMs);
      const isSignalDue = this.signals.length > 0 && this.signalPace.isDue(nowMs);
      if (!isSizeDue && !isSignalDue) break;
      if (!this.isReady()) return;
      if (isSizeDue) this.sendSize(nowMs);
      else this.sendSignal(nowMs);
    }
    if (!this.isWaiting) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, this.periodMs);
  }

  /** Whether something was not sent yet. */
  get isWaiting(): boolean {
    return this.size !== undefined || this.signals.length > 0;
  }

  /** The connection has ended. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private get periodMs(): number {
    return this.options.periodMs ?? PERIOD_MS;
  }

  private sendSize(nowMs: number): void {
    const size = this.size!;
    this.size = undefined;
    this.sizePace.take(nowMs);
    this.options.resize(size);
  }

  private sendSignal(nowMs: number): void {
    this.signalPace.take(nowMs);
    this.signals.shift()!();
  }

  private isReady(): boolean {
    if (this.options.isHeld?.()) return false;
    if (!this.connection.writableNeedDrain) return true;
    if (this.waits) return false;
    this.waits = true;
    this.connection.once('drain', () => {
      this.waits = false;
      this.flush();
    });
    return false;
  }
}

/** Allows {@link BURST} controls after a pause, and then one per period. */
class Pace {
  /** When the next one would be due if all of them had been a period apart. */
  private dueAtMs = -Infinity;

  constructor(private readonly periodMs: number) {}

  isDue(nowMs: number): boolean {
    return this.dueAtMs - nowMs <= (BURST - 1) * this.periodMs;
  }

  take(nowMs: number): void {
    this.dueAtMs = Math.max(this.dueAtMs, nowMs) + this.periodMs;
  }
}
