import type { Duplex } from 'node:stream';
import { FloodDetector, GATHER_MS } from './flood-detector';

/**
 * Bytes taken from one side in one turn of the event loop. Without it libuv reads a busy socket up
 * to 32 times before it looks at the next one, and a flood in one session delays the keystrokes of
 * all others by several milliseconds.
 */
export const READ_QUOTA_BYTES = 64 * 1024;

/**
 * How long what was already read may take to reach a side whose peer has ended. Meanwhile that
 * side is still read, and what comes is dropped: closing a TCP socket with unread bytes resets the
 * connection, and the reset can overtake the bytes that were just delivered.
 */
export const DRAIN_TIMEOUT_MS = 5_000;

export interface SpliceOptions {
  /** Names of the two sides, as `SpliceEnd.by` gives them. */
  readonly names?: readonly [first: string, second: string];
  /**
   * What the end of one direction means: `both` ends the other direction too, once what was read
   * has been delivered; `one-way` passes it on and leaves the other direction open.
   */
  readonly endOf?: 'both' | 'one-way';
  /** Leaves a side that floods in small pieces alone for a moment, so that they come together. */
  readonly gathers?: boolean;
  readonly quotaBytes?: number;
  readonly drainTimeoutMs?: number;
}

export interface SpliceEnd {
  /** The side that ended first. */
  readonly by: string;
  /** Why, where it failed and did not simply end. */
  readonly cause?: Error;
  /** Bytes written to the second and to the first side. */
  readonly bytes: readonly [fromFirst: number, fromSecond: number];
}

/**
 * Joins two byte streams until one of them ends: bounded memory (a side is read only while the
 * other takes bytes), a fair share of each turn, and all that was read is delivered before the
 * other side is ended.
 *
 * @returns how it ended; never rejects. Both sides are destroyed by then.
 */
export function splice(
  first: Duplex,
  second: Duplex,
  options: SpliceOptions = {},
): Promise<SpliceEnd> {
  const {
    names = ['first', 'second'],
    endOf = 'both',
    gathers = false,
    quotaBytes = READ_QUOTA_BYTES,
    drainTimeoutMs = DRAIN_TIMEOUT_MS,
  } = options;
  const sides = [first, second] as const;
  const pumps = [
    new Pump(first, second, quotaBytes, gathers),
    new Pump(second, first, quotaBytes, gathers),
  ] as const;

  return new Promise(resolve => {
    let firstEnd: { by: string; cause?: Error } | undefined;
    let drainTimer: NodeJS.Timeout | undefined;
    let open = sides.length;

    const settle = (): void => {
      clearTimeout(drainTimer);
      for (const pump of pumps) pump.stop();
      for (const side of sides) {
        side.on('error', ignoreAfterTheEnd);
        side.destroy();
      }
      resolve({ ...firstEnd!, bytes: [pumps[0].bytes, pumps[1].bytes] });
    };

    /** Gives each side what was read for it, tells it the end, and lets what still comes go by. */
    const endBoth = (from: Duplex, to: Duplex): void => {
      while (to.read() !== null);
      to.end();
      from.end();
      for (const pump of pumps) pump.release();
      drainTimer ??= setTimeout(settle, drainTimeoutMs);
    };

    sides.forEach((side, index) => {
      const peer = sides[1 - index]!;
      const name = names[index]!;

      const onEnd = (): void => {
        firstEnd ??= { by: name };
        if (endOf === 'both') endBoth(side, peer);
        else peer.end();
      };
      const onClose = (): void => {
        firstEnd ??= { by: name };
        open -= 1;
        if (open === 0) settle();
        else endBoth(side, peer);
      };
      side.on('error', (cause: Error) => (firstEnd ??= { by: name, cause }));
      if (side.closed) queueMicrotask(onClose);
      else side.on('close', onClose);
      if (side.readableEnded) queueMicrotask(onEnd);
      else side.on('end', onEnd);
    });
  });
}

/** Moves bytes one way. */
class Pump {
  /** Moved so far. */
  bytes = 0;
  private readonly pieces: FloodDetector | undefined;
  private takenThisTurn = 0;
  private nextTurn: NodeJS.Immediate | undefined;
  private gathering: NodeJS.Timeout | undefined;
  private blocked = false;

  constructor(
    private readonly source: Duplex,
    private readonly sink: Duplex,
    private readonly quotaBytes: number,
    gathers: boolean,
  ) {
    this.pieces = gathers ? new FloodDetector() : undefined;
    source.on('data', this.onData);
    sink.on('drain', this.release);
  }

  /** Lets go of both streams. */
  stop(): void {
    clearImmediate(this.nextTurn);
    clearTimeout(this.gathering);
    this.source.off('data', this.onData);
    this.sink.off('drain', this.release);
  }

  /** Reads on although the sink takes nothing any more: its bytes have nowhere to go. */
  readonly release = (): void => {
    this.blocked = false;
    this.resumeIfFree();
  };

  private readonly onData = (chunk: Buffer): void => {
    const { source, sink } = this;
    this.takenThisTurn += chunk.length;
    if (!sink.destroyed && !sink.writableEnded) {
      this.bytes += chunk.length;
      this.blocked = !sink.write(chunk);
    }
    if (this.pieces?.isFlooding(chunk.length)) {
      this.gathering ??= setTimeout(() => {
        this.gathering = undefined;
        this.resumeIfFree();
      }, GATHER_MS);
    }
    if (this.blocked || this.gathering || this.takenThisTurn >= this.quotaBytes) source.pause();
    this.nextTurn ??= setImmediate(() => {
      this.nextTurn = undefined;
      this.takenThisTurn = 0;
      this.resumeIfFree();
    });
  };

  private resumeIfFree(): void {
    const isFree = !this.blocked && this.nextTurn === undefined && this.gathering === undefined;
    if (isFree) this.source.resume();
  }
}

function ignoreAfterTheEnd(): void {
  // The splice has told how it ended; a reset that follows says nothing new.
}
