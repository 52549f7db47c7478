import type { Writable } from 'node:stream';

/** Users want one break or interrupt; a few more do no harm. */
const MAX_PENDING_SIGNALS = 3;

export interface PacedControlsOptions<Size> {
  readonly resize: (size: Size) => void;
  /** Whether the protocol itself would queue controls, e.g. while keys are exchanged. */
  readonly isHeld?: () => boolean;
}

/**
 * Sends a terminal's controls only while the connection is writable, so that they cannot accumulate
 * for a peer that does not read. Until then the latest size and a few signals are kept; the others
 * are dropped.
 */
export class PacedControls<Size> {
  private size: Size | undefined;
  private readonly signals: (() => void)[] = [];
  private waits = false;

  constructor(
    private readonly connection: Writable,
    private readonly options: PacedControlsOptions<Size>,
  ) {}

  resize(size: Size): void {
    this.size = size;
    this.flush();
  }

  /** @param send sends a break or an interrupt; not called if too many are pending */
  signal(send: () => void): void {
    if (this.signals.length < MAX_PENDING_SIGNALS) this.signals.push(send);
    this.flush();
  }

  /** Sends pending controls, as far as the connection accepts them. */
  flush(): void {
    while ((this.size !== undefined || this.signals.length > 0) && this.isReady()) {
      if (this.size !== undefined) {
        const { size } = this;
        this.size = undefined;
        this.options.resize(size);
      } else {
        this.signals.shift()!();
      }
    }
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
