import type { Duplex } from 'node:stream';
import { Pump, type PumpOwner } from './pump';
import { WebSocketDuplex } from './web-socket-duplex';

/**
 * How long delivering what was read from a side that has ended may take. Meanwhile the other side
 * is still read and its bytes are dropped, because closing a TCP socket with unread bytes resets
 * the connection, and the reset can overtake the bytes just delivered.
 */
export const DRAIN_TIMEOUT_MS = 5_000;

/** Names of the sides if the options have none. */
const NAMES = ['first', 'second'] as const;

export interface SpliceOptions {
  /** Names of the two sides for `SpliceEnd.by`. */
  readonly names?: readonly [first: string, second: string];
  /**
   * What the end of one direction means. `both` also ends the other direction, once everything that
   * was read has been delivered. `one-way` forwards the end and leaves the other direction open.
   */
  readonly endOf?: 'both' | 'one-way';
  /** Delays reading a flood of small chunks a little, so that they are forwarded together. */
  readonly gathers?: boolean;
  /**
   * Called with the name of a side that accepts no more bytes for now, so that the other is not
   * read.
   */
  readonly onFull?: (side: string) => void;
  readonly quotaBytes?: number;
  readonly drainTimeoutMs?: number;
  /**
   * Called with the number of bytes that were read.
   * @returns for how many milliseconds to stop reading from that side; 0 to continue
   */
  readonly pace?: (bytes: number, from: 'first' | 'second') => number;
  /** Separates the sides when aborted: both stay open and paused for another user. */
  readonly detach?: AbortSignal;
}

export interface SpliceEnd {
  /** The side that ended first. */
  readonly by: string;
  /** The error, if the side failed. */
  readonly cause?: Error;
  /** Bytes written to the second and to the first side. */
  readonly bytes: readonly [fromFirst: number, fromSecond: number];
  /** The sides were separated; neither has ended. */
  readonly isDetached?: true;
}

/**
 * Joins two byte streams until one of them ends. Memory is bounded, because a side is read only
 * while the other accepts bytes. Everything that was read is delivered before the other side is
 * ended. Of what is read in one turn of the event loop, the first chunk is written at once and the
 * others together, unless they are long: TLS delivers one record at a time, and a frame that spans
 * several reads arrives in pieces.
 *
 * @returns how it ended, after both sides have been destroyed or separated; never rejects
 */
export function splice(
  first: Duplex,
  second: Duplex,
  options: SpliceOptions = {},
): Promise<SpliceEnd> {
  const { onFull } = options;
  return new Promise(resolve => {
    new Splice(first, second, options, { onFull, onSpliceOver: resolve });
  });
}

/** What a splice tells its owner. */
export interface SpliceListener {
  /** Called before the other side is ended, and possibly again: once it has ended, and closed. */
  onSideOver?(side: string): void;
  /** See {@link SpliceOptions.onFull}. */
  readonly onFull?: ((side: string) => void) | undefined;
  /** Called once, after both sides have been destroyed or separated. */
  onSpliceOver(end: SpliceEnd): void;
}

/** Where the streams' listeners find what joins them. */
const SPLICE = Symbol('splice');

/** A stream is in one splice at a time. */
type Side = Duplex & { [SPLICE]?: Splice | undefined };

/** 0 is the first side. */
type Position = 0 | 1;

/**
 * Two joined streams; see {@link splice}. Thousands are idle, so all share the same listener
 * functions, and keep only the options.
 */
export class Splice implements PumpOwner {
  private readonly sides: readonly [first: Side, second: Side];
  private readonly pumps: readonly [fromFirst: Pump, fromSecond: Pump];
  private firstEnd: { by: string; cause?: Error } | undefined;
  private drainTimer: NodeJS.Timeout | undefined;
  private openCount = 2;
  private part: (() => void) | undefined;

  constructor(
    first: Duplex,
    second: Duplex,
    readonly options: Omit<SpliceOptions, 'onFull'>,
    private readonly listener: SpliceListener,
  ) {
    this.sides = [first, second];
    this.pumps = [new Pump(this, 'first', first, second), new Pump(this, 'second', second, first)];
    for (const side of this.sides) this.watch(side);
    if (!options.detach) return;
    this.part = () => this.separate();
    options.detach.addEventListener('abort', this.part, { once: true });
  }

  /** Called by the sides' listeners, like the methods that follow. */
  read(side: Side, chunk: Buffer): void {
    this.pumps[this.positionOf(side)].take(chunk);
  }

  drained(side: Side): void {
    this.pumps[this.positionOf(side) === 0 ? 1 : 0].release();
  }

  sideEnded(side: Side): void {
    const position = this.positionOf(side);
    const peer = this.sides[position === 0 ? 1 : 0];
    const by = this.nameOf(position);
    this.firstEnd ??= { by };
    this.listener.onSideOver?.(by);
    if (this.options.endOf === 'one-way') peer.end();
    else this.endBoth(side, peer);
  }

  sideClosed(side: Side): void {
    const position = this.positionOf(side);
    const by = this.nameOf(position);
    this.firstEnd ??= { by };
    this.listener.onSideOver?.(by);
    this.openCount -= 1;
    if (this.openCount === 0) this.settle();
    else this.endBoth(side, this.sides[position === 0 ? 1 : 0]);
  }

  sideFailed(side: Side, cause: Error): void {
    this.firstEnd ??= { by: this.nameOf(this.positionOf(side)), cause };
  }

  /** Called by a pump whose sink accepts no more bytes for now. */
  sinkFull(from: 'first' | 'second'): void {
    this.listener.onFull?.(this.nameOf(from === 'first' ? 1 : 0));
  }

  private watch(side: Side): void {
    side[SPLICE] = this;
    if (side instanceof WebSocketDuplex) side.readBy(this);
    side.on('data', onData);
    side.on('drain', onDrain);
    side.on('error', onError);
    if (side.closed) queueMicrotask(() => this.sideClosed(side));
    else side.on('close', onClose);
    if (side.readableEnded) queueMicrotask(() => this.sideEnded(side));
    else side.on('end', onEnd);
  }

  /** Delivers what was read, ends both sides, and discards what still arrives. */
  private endBoth(from: Side, to: Side): void {
    while (to.read() !== null);
    to.end();
    from.end();
    for (const pump of this.pumps) pump.release();
    const { drainTimeoutMs = DRAIN_TIMEOUT_MS } = this.options;
    this.drainTimer ??= setTimeout(() => this.settle(), drainTimeoutMs);
  }

  private settle(): void {
    clearTimeout(this.drainTimer);
    if (this.part) this.options.detach?.removeEventListener('abort', this.part);
    for (const pump of this.pumps) pump.stop();
    for (const side of this.sides) {
      this.stopReading(side);
      side.destroy();
    }
    this.listener.onSpliceOver({ ...this.firstEnd!, bytes: this.bytes });
  }

  private separate(): void {
    if (this.firstEnd) return;
    for (const pump of this.pumps) pump.stop();
    for (const side of this.sides) {
      this.stopReading(side);
      side.off('error', onError).off('close', onClose).off('end', onEnd);
      side[SPLICE] = undefined;
      side.pause();
    }
    this.listener.onSpliceOver({ by: 'nobody', bytes: this.bytes, isDetached: true });
  }

  private stopReading(side: Side): void {
    if (side instanceof WebSocketDuplex) side.readBy(undefined);
    side.off('data', onData).off('drain', onDrain);
  }

  private get bytes(): [fromFirst: number, fromSecond: number] {
    return [this.pumps[0].bytes, this.pumps[1].bytes];
  }

  private positionOf(side: Side): Position {
    return side === this.sides[0] ? 0 : 1;
  }

  private nameOf(position: Position): string {
    return (this.options.names ?? NAMES)[position];
  }
}

function onData(this: Side, chunk: Buffer): void {
  this[SPLICE]?.read(this, chunk);
}

function onDrain(this: Side): void {
  this[SPLICE]?.drained(this);
}

function onEnd(this: Side): void {
  this[SPLICE]?.sideEnded(this);
}

function onClose(this: Side): void {
  this[SPLICE]?.sideClosed(this);
}

/** Also receives a reset that follows the end. */
function onError(this: Side, cause: Error): void {
  this[SPLICE]?.sideFailed(this, cause);
}
