import type { Duplex } from 'node:stream';
import { chunkDone } from './reused-buffer';
import { WebSocketDuplex } from './web-socket-duplex';

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
 * The pause after each quota of dropped bytes, so that a server that never stops sending costs
 * little on any hop while its session ends.
 */
const DROP_PERIOD_MS = 10;

/** Longer chunks are worth a system call each and do not wait for others. */
const GATHERED_BELOW_BYTES = 32 * 1024;

/** What the two pumps of a splice share. */
export interface PumpOwner {
  readonly options: {
    readonly gathers?: boolean;
    readonly quotaBytes?: number;
    readonly pace?: (bytes: number, from: 'first' | 'second') => number;
  };
  /** The sink accepts no more bytes for now. */
  sinkFull(from: 'first' | 'second'): void;
}

/** Moves bytes in one direction. Its owner passes on the events of both streams. */
export class Pump {
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
    private readonly owner: PumpOwner,
    private readonly from: 'first' | 'second',
    private readonly source: Duplex,
    private readonly sink: Duplex,
  ) {
    this.floods = owner.options.gathers ? new FloodDetector() : undefined;
  }

  stop(): void {
    clearImmediate(this.nextTurn);
    clearTimeout(this.gathering);
    this.uncork();
  }

  /** Keeps reading, even if the sink no longer accepts bytes and they are discarded. */
  release(): void {
    this.blocked = false;
    this.resumeIfFree();
  }

  take(chunk: Buffer): void {
    const { source, sink } = this;
    const { pace } = this.owner.options;
    this.takenThisTurn += chunk.length;
    const isDropped = sink.destroyed || sink.writableEnded;
    if (!isDropped) {
      this.bytes += chunk.length;
      if (this.nextTurn !== undefined && chunk.length < GATHERED_BELOW_BYTES) this.cork();
      this.write(chunk);
    }
    const pausedMs = pace?.(chunk.length, this.from) ?? 0;
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
  }

  private get quotaBytes(): number {
    return this.owner.options.quotaBytes ?? READ_QUOTA_BYTES;
  }

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
      this.blocked = !(sink instanceof WebSocketDuplex ? sink.forward(chunk) : sink.write(chunk));
    } else {
      // The sink may be far from full, in which case it emits no `drain`.
      this.blocked = true;
      sink.write(chunk, () => this.release());
    }
    if (sink instanceof WebSocketDuplex && sink.isFlushed) chunkDone(this.source, chunk);
    if (this.blocked && !wasBlocked) this.owner.sinkFull(this.from);
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

/** The shortest timer. A flood of 60 MB/s fills a 64 KiB read in that time. */
export const GATHER_MS = 1;

/**
 * Chunks of this size, on average, justify the per-chunk cost on each hop. TLS delivers at most one
 * record, 16 KiB, however long one waits, and a frame that spans several reads arrives in pieces of
 * any size.
 */
const LARGE_CHUNK_BYTES = 8 * 1024;

/** More than this within a few milliseconds is a flood; redrawing a screen takes less. */
const FLOOD_BYTES = 64 * 1024;

/** How long chunks are taken into account. */
const MEMORY_MS = 4;

/** A shared function, because there is one detector per connection. */
const monotonic = (): number => performance.now();

/**
 * Distinguishes a flood of small chunks from other traffic. sshd sends terminal output in chunks of
 * 4 KiB or less, and forwarding each of them separately wakes up every hop, which is most of a
 * flood's CPU time. A single chunk, such as an echo, never has to wait.
 */
export class FloodDetector {
  private recentBytes = 0;
  private recentChunks = 0;
  private lastAt = -Infinity;

  constructor(private readonly now: () => number = monotonic) {}

  /**
   * Counts a chunk.
   * @returns whether more is about to arrive, so that reading it together is worth a short delay
   */
  isFlooding(chunkBytes: number): boolean {
    const now = this.now();
    const remembered = Math.max(0, 1 - (now - this.lastAt) / MEMORY_MS);
    this.lastAt = now;
    this.recentBytes = this.recentBytes * remembered + chunkBytes;
    this.recentChunks = this.recentChunks * remembered + 1;
    const areSmall = this.recentBytes < LARGE_CHUNK_BYTES * this.recentChunks;
    return this.recentBytes > FLOOD_BYTES && areSmall && chunkBytes < LARGE_CHUNK_BYTES;
  }
}
