import type { Duplex } from 'node:stream';
import { FloodDetector, GATHER_MS } from './flood-detector';

/**
 * Bytes read from one side in one turn of the event loop. Without a quota libuv reads a busy socket
 * up to 32 times before the next one, and a flood in one session delays the keystrokes of all
 * others by several milliseconds.
 */
export const READ_QUOTA_BYTES = 64 * 1024;

/**
 * Number of writes that may be pending for a side, in addition to the limit of bytes: each takes
 * 300 bytes, whatever its length.
 */
const MAX_QUEUED_CHUNKS = 256;

/**
 * How long delivering what was read from a side that has ended may take. Meanwhile the other side
 * is still read and its bytes are dropped, because closing a TCP socket with unread bytes resets
 * the connection, and the reset can overtake the bytes just delivered.
 */
export const DRAIN_TIMEOUT_MS = 5_000;

/**
 * Between two quotas of what is dropped, so that a server that sends without end costs nothing on any hop while
 * its session ends.
 */
const DROP_PERIOD_MS = 10;

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
 * ended. What is read in one turn of the event loop is written at once as far as the first chunk goes, and the
 * rest of it in one call: TLS hands on one record at a time, frames of a session come in pieces.
 *
 * @returns how it ended, after both sides have been destroyed or separated; never rejects
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
    onFull,
    quotaBytes = READ_QUOTA_BYTES,
    drainTimeoutMs = DRAIN_TIMEOUT_MS,
    pace,
    detach,
  } = options;
  const sides = [first, second] as const;
  const pumps = [
    new Pump(first, second, quotaBytes, gathers, {
      ...(onFull && { onFull: () => onFull(names[1]) }),
      ...(pace && { pace: (bytes: number) => pace(bytes, 'first') }),
    }),
    new Pump(second, first, quotaBytes, gathers, {
      ...(onFull && { onFull: () => onFull(names[0]) }),
      ...(pace && { pace: (bytes: number) => pace(bytes, 'second') }),
    }),
  ] as const;

  return new Promise(resolve => {
    let firstEnd: { by: string; cause?: Error } | undefined;
    let drainTimer: NodeJS.Timeout | undefined;
    let open = sides.length;
    const watched: (() => void)[] = [];

    const part = (): void => {
      if (firstEnd) return;
      for (const stop of watched) stop();
      for (const pump of pumps) pump.stop();
      for (const side of sides) side.pause();
      resolve({ by: 'nobody', bytes: [pumps[0].bytes, pumps[1].bytes], isDetached: true });
    };
    const settle = (): void => {
      clearTimeout(drainTimer);
      detach?.removeEventListener('abort', part);
      for (const pump of pumps) pump.stop();
      for (const side of sides) {
        side.on('error', ignoreAfterTheEnd);
        side.destroy();
      }
      resolve({ ...firstEnd!, bytes: [pumps[0].bytes, pumps[1].bytes] });
    };

    /** Delivers what was read, ends both sides, and discards what still arrives. */
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
      const onError = (cause: Error): void => void (firstEnd ??= { by: name, cause });
      side.on('error', onError);
      if (side.closed) queueMicrotask(onClose);
      else side.on('close', onClose);
      if (side.readableEnded) queueMicrotask(onEnd);
      else side.on('end', onEnd);
      if (!detach) return;
      watched.push(() => side.off('error', onError).off('close', onClose).off('end', onEnd));
    });
    detach?.addEventListener('abort', part, { once: true });
  });
}

interface PumpHooks {
  readonly onFull?: () => void;
  readonly pace?: (bytes: number) => number;
}

/** Moves bytes in one direction. */
class Pump {
  bytes = 0;
  private readonly floods: FloodDetector | undefined;
  private takenThisTurn = 0;
  private droppedBytes = 0;
  private nextTurn: NodeJS.Immediate | undefined;
  private gathering: NodeJS.Timeout | undefined;
  private blocked = false;
  private queuedChunks = 0;
  /** Chunks behind the first of a turn are written together. */
  private isCorked = false;

  constructor(
    private readonly source: Duplex,
    private readonly sink: Duplex,
    private readonly quotaBytes: number,
    gathers: boolean,
    private readonly hooks: PumpHooks,
  ) {
    this.floods = gathers ? new FloodDetector() : undefined;
    source.on('data', this.onData);
    sink.on('drain', this.release);
  }

  stop(): void {
    clearImmediate(this.nextTurn);
    clearTimeout(this.gathering);
    this.uncork();
    this.source.off('data', this.onData);
    this.sink.off('drain', this.release);
  }

  /** Keeps reading, even if the sink no longer accepts bytes and they are discarded. */
  readonly release = (): void => {
    this.blocked = false;
    this.resumeIfFree();
  };

  private readonly onData = (chunk: Buffer): void => {
    const { source, sink } = this;
    this.takenThisTurn += chunk.length;
    const isDropped = sink.destroyed || sink.writableEnded;
    if (!isDropped) {
      this.bytes += chunk.length;
      if (this.nextTurn !== undefined) this.cork();
      this.write(chunk);
    }
    const pausedMs = this.hooks.pace?.(chunk.length) ?? 0;
    if (pausedMs > 0) this.readLater(pausedMs);
    else if (isDropped) this.drop(chunk.length);
    else if (this.floods?.isFlooding(chunk.length)) this.readLater(GATHER_MS);
    if (this.blocked || this.gathering || this.takenThisTurn >= this.quotaBytes) source.pause();
    this.nextTurn ??= setImmediate(() => {
      this.nextTurn = undefined;
      this.takenThisTurn = 0;
      this.uncork();
      this.resumeIfFree();
    });
  };

  private drop(bytes: number): void {
    this.droppedBytes += bytes;
    if (this.droppedBytes < this.quotaBytes) return;
    this.droppedBytes = 0;
    this.readLater(DROP_PERIOD_MS);
  }

  private readLater(delayMs: number): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.resumeIfFree();
    }, delayMs);
  }

  private write(chunk: Buffer): void {
    const { sink } = this;
    const wasBlocked = this.blocked;
    this.queuedChunks = sink.writableLength === 0 ? 1 : this.queuedChunks + 1;
    if (this.queuedChunks < MAX_QUEUED_CHUNKS) {
      this.blocked = !sink.write(chunk);
    } else {
      // The sink may be far from full, in which case it emits no `drain`.
      this.blocked = true;
      sink.write(chunk, this.release);
    }
    if (this.blocked && !wasBlocked) this.hooks.onFull?.();
  }

  private cork(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    this.sink.cork();
  }

  private uncork(): void {
    if (!this.isCorked) return;
    this.isCorked = false;
    this.sink.uncork();
  }

  private resumeIfFree(): void {
    const isFree = !this.blocked && this.nextTurn === undefined && this.gathering === undefined;
    if (isFree) this.source.resume();
  }
}

function ignoreAfterTheEnd(): void {
  // The result has been reported; a reset may follow.
}
