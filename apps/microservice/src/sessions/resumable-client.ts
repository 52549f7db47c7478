import { Duplex } from 'node:stream';
import type { ClientSide } from './client-side';
import { KeptOutput } from './kept-output';

/** The maximum of unacknowledged output; beyond it the server is not read. */
export const MAX_UNACKNOWLEDGED_BYTES = 1024 * 1024;

/** The latest output, from which another window rebuilds the screen. */
export const TAIL_BYTES = 256 * 1024;

/** Input that is buffered before backpressure applies, as for other connections. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;

/** Input is acknowledged in steps of this size, so that a keystroke costs no extra message. */
const ACKNOWLEDGE_EVERY_BYTES = 16 * 1024;

/**
 * The client of a session that outlives its WebSocket: the bytes of successive connections as one
 * stream. Both directions are counted from the start of the session. Input that a lost connection
 * has delivered but nobody has read yet is not counted, so the next connection sends it again.
 */
export class ResumableClient extends Duplex {
  private readonly output = new KeptOutput(TAIL_BYTES);
  /** The connection that input is read from. A lost connection may still have some. */
  private source: ClientSide | undefined;
  /** The connection that output is written to. */
  private sink: ClientSide | undefined;
  /** Offset up to which output was handed to the current connection. */
  private sentTo = 0;
  private takenBytes = 0;
  private acknowledgedInput = 0;
  /** The callback of a write that waits for room. */
  private waiting: ((error?: Error | null) => void) | undefined;
  /** Called after each chunk of output. */
  private onOutput: (() => void) | undefined;
  /** Filters the client's input, if not all of it is forwarded. */
  private inputFilter: ((chunk: Buffer) => Buffer) | undefined;
  /** Callbacks of other sources of input that wait for room. */
  private waitingInput: (() => void)[] = [];
  private isEnding = false;
  private hasLeft = false;
  private hasEnded = false;

  constructor(side: ClientSide) {
    super({ readableHighWaterMark: HIGH_WATER_MARK_BYTES, allowHalfOpen: true });
    this.attach(side, 0);
  }

  /** Bytes of output since the session began. */
  get bytesOut(): number {
    return this.output.total;
  }

  /** Bytes of input since the session began. */
  get bytesIn(): number {
    return this.takenBytes;
  }

  get heldBytes(): number {
    return this.output.heldBytes + this.readableLength;
  }

  /** Frees output that only another window would need. */
  relieve(): void {
    this.output.forgetTail();
  }

  /** The first offset at or after the given one from which output can still be sent. */
  oldestFrom(position: number): number {
    return Math.min(Math.max(position, this.output.oldest), this.output.total);
  }

  /** The offset of the oldest output that is kept. */
  get oldest(): number {
    return this.output.oldest;
  }

  /** @returns output from a position on, at least one byte if there is any */
  outputFrom(position: number): Buffer | undefined {
    return this.output.from(position);
  }

  watchOutput(listener: () => void): void {
    this.onOutput = listener;
  }

  /** @param filter returns the part of the client's input to forward; the rest counts as read */
  filterInput(filter: (chunk: Buffer) => Buffer): void {
    this.inputFilter = filter;
  }

  /**
   * Input from someone other than the client; it does not count as the client's.
   * @param goOn called once there is room for more
   */
  typeIn(chunk: Buffer, goOn: () => void): void {
    if (this.destroyed || this.hasEnded || this.push(chunk)) goOn();
    else this.waitingInput.push(goOn);
  }

  /** The start of the latest output, from which another window rebuilds the screen. */
  get tailStart(): number {
    return this.oldestFrom(this.output.total - TAIL_BYTES);
  }

  /** @param from the offset of the first byte to send; it must still be kept */
  attach(side: ClientSide, from: number): void {
    this.source = side;
    this.sink = side;
    this.sentTo = from;
    // A client that asks for what follows has received everything before it.
    this.output.acknowledge(from);
    side.countFrom(from, bytes => {
      this.output.acknowledge(bytes);
      this.pump();
    });
    side.on('data', this.onInput);
    side.on('end', this.onInputEnd);
    side.on('drain', this.pump);
    this.pump();
  }

  /** The connection is lost. What it delivered is still read; output is kept. */
  lost(): void {
    this.sink?.off('drain', this.pump);
    this.sink = undefined;
    this.pump();
    // There is no client left to wait for, and the kept output outlives the stream.
    if (this.isEnding) this.destroy();
  }

  /** Another connection is about to replace the current one. */
  detach(): void {
    const { source } = this;
    this.lost();
    this.source = undefined;
    source?.off('data', this.onInput);
    source?.off('end', this.onInputEnd);
  }

  /** The client left intentionally: what it sent before is delivered, and the stream ends. */
  leave(): void {
    this.hasLeft = true;
    if (!this.source || this.source.readableEnded) this.endInput();
  }

  override _read(): void {
    this.source?.resume();
    for (const goOn of this.waitingInput.splice(0)) goOn();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.output.append(chunk);
    this.waiting = done;
    this.pump();
    this.onOutput?.();
  }

  /** Keeps everything written before, regardless of the limit. */
  override end(...parameters: unknown[]): this {
    (super.end as (...parameters: unknown[]) => unknown).apply(this, parameters);
    this.pump();
    return this;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.finish();
    done();
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    this.finish();
    done(cause);
  }

  /**
   * No more output follows. The connection ends once it has received everything, and so does a
   * later one.
   */
  private finish(): void {
    this.isEnding = true;
    this.source?.resume();
    this.pump();
    if (!this.sink) this.destroy();
  }

  private readonly onInput = (chunk: Buffer): void => {
    if (this.destroyed || this.hasEnded) return;
    this.takenBytes += chunk.length;
    const wanted = this.inputFilter?.(chunk) ?? chunk;
    if (wanted.length > 0 && !this.push(wanted)) this.source?.pause();
    if (this.takenBytes - this.acknowledgedInput < ACKNOWLEDGE_EVERY_BYTES) return;
    this.acknowledgedInput = this.takenBytes;
    this.sink?.tell({ type: 'input', bytes: this.takenBytes });
  };

  private readonly onInputEnd = (): void => {
    if (this.hasLeft) this.endInput();
  };

  private endInput(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.push(null);
  }

  /** Sends as much output as the connection accepts. */
  private readonly pump = (): void => {
    const { sink, output } = this;
    while (sink && this.sentTo < output.total && !sink.writableNeedDrain) {
      const chunk = output.from(this.sentTo)!;
      this.sentTo += chunk.length;
      sink.write(chunk);
    }
    const isSent = this.sentTo === output.total;
    const hasRoom = output.unacknowledged < MAX_UNACKNOWLEDGED_BYTES;
    const isTaken = hasRoom && (!sink || (isSent && !sink.writableNeedDrain));
    if (this.waiting && (isTaken || this.writableEnded)) {
      const done = this.waiting;
      this.waiting = undefined;
      done();
    }
    if (this.isEnding && isSent) sink?.end();
  };
}
