import type { Duplex } from 'node:stream';
import type { WebSocketDuplex } from '@remote-access/streams';
import { MAX_MESSAGE_BYTES } from '../door/handshake';
import type { MemoryBudget, Reservation } from '../memory/memory-budget';
import type { BufferingStream } from './bridge';

/**
 * A session's reservation from start to end: enough for keystrokes and a screen of output, so that a
 * full budget slows down heavy output only.
 */
export const SESSION_BYTES = 256 * 1024;

/** Reservations grow and shrink in steps, so that they do not change with every chunk. */
const STEP_BYTES = 256 * 1024;

/** Both sides may read 64 KiB before they are counted again. */
const READ_AHEAD_BYTES = 2 * 64 * 1024;

/** A session that waits longer for memory in the middle of a message is ended. */
const MAX_WAIT_MS = 30_000;

/**
 * Keeps a session's reservation as large as what its streams hold, counted whenever one of them has
 * received or sent something. While the budget is full, neither side is read.
 */
export class SessionMemory {
  private sides: readonly WebSocketDuplex[] = [];
  private targets: readonly BufferingStream[] = [];
  /** Set while the budget is full. */
  private waiting: { readonly stop: () => void; readonly timer: NodeJS.Timeout } | undefined;
  private isStopped = false;

  /**
   * @param onStarved is called when the session cannot go on: it is in the middle of a message, and
   * the memory that the rest takes has not become free
   * @param onWait is called whenever reading stops
   */
  constructor(
    private readonly budget: MemoryBudget,
    private readonly reservation: Reservation,
    private readonly onStarved: () => void,
    private readonly onWait: () => void = () => undefined,
  ) {}

  watch(side: WebSocketDuplex): void {
    this.sides = this.sides.concat(side);
    side.watchHeldBytes(this.update);
    side.setHeld(this.waiting !== undefined);
  }

  /** A client's connection took the place of another one. */
  replace(lost: WebSocketDuplex, side: WebSocketDuplex): void {
    this.sides = this.sides.filter(one => one !== lost);
    if (this.isStopped) return;
    this.watch(side);
  }

  /** Streams between the two sides; one that is a side itself is not counted twice. */
  watchTargets(targets: readonly BufferingStream[]): void {
    const sides: readonly Duplex[] = this.sides;
    const between = [...new Set(targets)].filter(target => !sides.includes(target));
    this.targets = [...this.targets, ...between];
  }

  /** The session is ending: its data is delivered or dropped and no longer counted. */
  stop(): void {
    this.isStopped = true;
    this.goOn();
  }

  /** The session is over. */
  release(): void {
    this.stop();
    this.reservation.release();
  }

  private readonly update = (): void => {
    if (this.isStopped) return;
    const needed = this.heldBytes + READ_AHEAD_BYTES;
    const { bytes } = this.reservation;
    const wanted = this.wantedBytes(needed);
    if (needed > bytes) {
      if (this.reservation.resize(wanted) && !this.isRelieved()) return this.wait();
    } else if (bytes - wanted > STEP_BYTES) {
      this.reservation.resize(wanted);
    }
    this.goOn();
  };

  /** Gives up what a session keeps only in case it is wanted, before anything has to wait. */
  private isRelieved(): boolean {
    for (const { relieve } of this.targets) relieve?.();
    const needed = this.heldBytes + READ_AHEAD_BYTES;
    return needed <= this.reservation.bytes || !this.reservation.resize(this.wantedBytes(needed));
  }

  /**
   * A large message gets all the memory that it may take at once, so that those that have begun
   * never wait for each other.
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
    this.onWait();
    for (const side of this.sides) side.setHeld(true);
    const timer = setTimeout(() => {
      if (this.sides.some(({ unfinishedBytes }) => unfinishedBytes > 0)) this.onStarved();
    }, MAX_WAIT_MS);
    this.waiting = { stop: this.budget.whenFreed(this.update), timer };
  }

  private goOn(): void {
    if (!this.waiting) return;
    this.waiting.stop();
    clearTimeout(this.waiting.timer);
    this.waiting = undefined;
    for (const side of this.sides) side.setHeld(false);
  }
}
