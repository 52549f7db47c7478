import { Duplex } from 'node:stream';
import type { ClientSide } from './client-side';
import { KeptOutput } from './kept-output';

/** Output that a client has not acknowledged; beyond it the server is not read. */
export const MAX_UNACKNOWLEDGED_BYTES = 1024 * 1024;

/** The latest output, from which another window rebuilds the screen. */
export const TAIL_BYTES = 256 * 1024;

/** As of any other connection: input that is buffered before backpressure. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;

/** Input is acknowledged after this many bytes, so that a keystroke costs no message. */
const ACKNOWLEDGE_EVERY_BYTES = 16 * 1024;

/**
 * The client of a session that outlives its WebSocket: the bytes of one connection after the other.
 * Both directions are counted from the session's beginning. What a lost connection has delivered
 * and nobody has read yet is not counted, so that the next one brings it again.
 */
export class ResumableClient extends Duplex {
  private readonly output = new KeptOutput(TAIL_BYTES);
  /** Where input comes from. A lost connection may still have some. */
  private source: ClientSide | undefined;
  /** Where output goes. */
  private sink: ClientSide | undefined;
  /** Output handed to the present connection. */
  private sentTo = 0;
  private takenBytes = 0;
  private acknowledgedInput = 0;
  /** Of a write that waits until there is room. */
  private waiting: ((error?: Error | null) => void) | undefined;
  /** Called after each piece of output. */
  private onOutput: (() => void) | undefined;
  /** What of the client's input goes on, if not all of it. */
  private sift: ((chunk: Buffer) => Buffer) | undefined;
  /** Others whose input waits until there is room. */
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

  /** Bytes of input since then. */
  get bytesIn(): number {
    return this.takenBytes;
  }

  get heldBytes(): number {
    return this.output.heldBytes + this.readableLength;
  }

  /** Frees what only another window would need. */
  relieve(): void {
    this.output.forgetTail();
  }

  /** The first byte of output at or after the given one that can still be sent. */
  oldestFrom(position: number): number {
    return Math.min(Math.max(position, this.output.oldest), this.output.total);
  }

  /** The first byte of output that is kept. */
  get oldest(): number {
    return this.output.oldest;
  }

  /** @returns output from a position on, at least a byte if there is one */
  outputFrom(position: number): Buffer | undefined {
    return this.output.from(position);
  }

  watchOutput(listener: () => void): void {
    this.onOutput = listener;
  }

  /** @param sift what of a piece of the client's input goes on; the rest counts as read */
  siftInput(sift: (chunk: Buffer) => Buffer): void {
    this.sift = sift;
  }

  /**
   * Input that is not the client's own, and is not counted as such.
   * @param goOn called once there is room for more
   */
  typeIn(chunk: Buffer, goOn: () => void): void {
    if (this.destroyed || this.hasEnded || this.push(chunk)) goOn();
    else this.waitingInput.push(goOn);
  }

  /** Where the latest output begins, with which another window starts. */
  get tailStart(): number {
    return this.oldestFrom(this.output.total - TAIL_BYTES);
  }

  /** @param from the first byte of output to send, one that is still kept */
  attach(side: ClientSide, from: number): void {
    this.source = side;
    this.sink = side;
    this.sentTo = from;
    // A client that asks for what follows has what comes before.
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

  /** The connection is lost. What it has delivered is read; output is kept. */
  lost(): void {
    this.sink?.off('drain', this.pump);
    this.sink = undefined;
    this.pump();
    // Nobody is left to wait for, and what is kept outlives the stream.
    if (this.isEnding) this.destroy();
  }

  /** Another connection is about to take its place. */
  detach(): void {
    const { source } = this;
    this.lost();
    this.source = undefined;
    source?.off('data', this.onInput);
    source?.off('end', this.onInputEnd);
  }

  /** The client has left on purpose: what it sent before is delivered, and the stream ends. */
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

  /** Keeps everything written before, however much it is. */
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

  /** No more output follows. The connection ends once it has everything, and so does a later one. */
  private finish(): void {
    this.isEnding = true;
    this.source?.resume();
    this.pump();
    if (!this.sink) this.destroy();
  }

  private readonly onInput = (chunk: Buffer): void => {
    if (this.destroyed || this.hasEnded) return;
    this.takenBytes += chunk.length;
    const wanted = this.sift?.(chunk) ?? chunk;
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

  /** Hands over output as far as the connection takes it. */
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
