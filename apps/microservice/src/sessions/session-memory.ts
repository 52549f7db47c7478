import type { Duplex } from 'node:stream';
import type { HeldBytesWatcher, WebSocketDuplex } from '@remote-access/streams';
import { MAX_MESSAGE_BYTES } from '../door/handshake';
import type { MemoryBudget, Reservation } from '../memory/memory-budget';
import type { BufferingStream } from './bridge';

/**
 * A session's reservation from start to end: enough for keystrokes and a screen of output, so that
 * an exhausted budget slows down heavy output only.
 */
export const SESSION_BYTES = 256 * 1024;

/** Reservations grow and shrink in steps, so that they do not change with every chunk. */
const STEP_BYTES = 256 * 1024;

/** Each side may read 64 KiB before memory is counted again. */
const READ_AHEAD_BYTES = 2 * 64 * 1024;

/** A session that waits longer for memory in the middle of a message is ended. */
const MAX_WAIT_MS = 30_000;

export interface SessionMemoryOwner {
  /**
   * The session cannot continue: it is in the middle of a message, and no memory for the rest has
   * become free.
   */
  onStarved(): void;
  /** Reading stops until memory becomes free. */
  onMemoryWait?(): void;
}

/**
 * Keeps a session's reservation in line with what its streams buffer, recounted whenever one of
 * them has received or sent something. While the budget is exhausted, neither side is read.
 */
export class SessionMemory implements HeldBytesWatcher {
  private sides: readonly WebSocketDuplex[] = [];
  private targets: readonly BufferingStream[] = [];
  /** Set while the budget is exhausted. */
  private waiting: { readonly stop: () => void; readonly timer: NodeJS.Timeout } | undefined;
  private isStopped = false;

  constructor(
    private readonly budget: MemoryBudget,
    private readonly reservation: Reservation,
    private readonly owner: SessionMemoryOwner,
  ) {}

  watch(side: WebSocketDuplex): void {
    this.sides = this.sides.concat(side);
    side.watchHeldBytes(this);
    side.setHeld(this.waiting !== undefined);
  }

  /** A new client connection replaced the previous one. */
  replace(lost: WebSocketDuplex, side: WebSocketDuplex): void {
    this.sides = this.sides.filter(one => one !== lost);
    if (this.isStopped) return;
    this.watch(side);
  }

  /**
   * Streams between the two sides; a stream that is itself one of the sides is not counted twice.
   */
  watchTargets(targets: readonly BufferingStream[]): void {
    const sides: readonly Duplex[] = this.sides;
    const between = [...new Set(targets)].filter(target => !sides.includes(target));
    this.targets = [...this.targets, ...between];
  }

  /** The session is ending: its remaining data is no longer counted. */
  stop(): void {
    this.isStopped = true;
    this.goOn();
  }

  /** The session is over. */
  release(): void {
    this.stop();
    this.reservation.release();
  }

  /** Called by the sides. */
  heldBytesChanged(): void {
    if (this.isStopped) return;
    const needed = this.heldBytes + READ_AHEAD_BYTES;
    const { bytes } = this.reservation;
    const wanted = this.wantedBytes(needed);
    if (needed > bytes) {
      if (!this.reservation.tryResize(wanted) && !this.isRelieved()) return this.wait();
    } else if (bytes - wanted > STEP_BYTES) {
      this.reservation.tryResize(wanted);
    }
    this.goOn();
  }

  /** Frees what the session keeps only as a convenience, before anything has to wait. */
  private isRelieved(): boolean {
    for (const { relieve } of this.targets) relieve?.();
    const needed = this.heldBytes + READ_AHEAD_BYTES;
    return needed <= this.reservation.bytes || this.reservation.tryResize(this.wantedBytes(needed));
  }

  /**
   * A large message reserves all the memory that it may need at once, so that messages that have
   * begun never wait for each other.
   */
  private wantedBytes(needed: number): number {
    if (needed <= SESSION_BYTES) return SESSION_BYTES;
    let wanted = needed;
    for (const { unfinishedBytes } of this.sides) {
      if (unfinishedBytes > 0) wanted += Math.max(0, MAX_MESSAGE_BYTES - unfinishedBytes);
    }
    return Math.ceil(wanted / STEP_BYTES) * STEP_BYTES;
  }

  private get heldBytes(): number {
    let sum = 0;
    for (const side of this.sides) sum += side.heldBytes;
    for (const { heldBytes, readableLength, writableLength } of this.targets) {
      sum += heldBytes ?? readableLength + writableLength;
    }
    return sum;
  }

  private wait(): void {
    if (this.waiting) return;
    this.owner.onMemoryWait?.();
    for (const side of this.sides) side.setHeld(true);
    const timer = setTimeout(() => {
      if (this.sides.some(({ unfinishedBytes }) => unfinishedBytes > 0)) this.owner.onStarved();
    }, MAX_WAIT_MS);
    this.waiting = { stop: this.budget.whenFreed(() => this.heldBytesChanged()), timer };
  }

  private goOn(): void {
    if (!this.waiting) return;
    this.waiting.stop();
    clearTimeout(this.waiting.timer);
    this.waiting = undefined;
    for (const side of this.sides) side.setHeld(false);
  }
}
