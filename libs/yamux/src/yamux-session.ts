import type { Duplex } from 'node:stream';
import {
  encodeHeader,
  FLAGS,
  type FrameHeader,
  FrameReader,
  GO_AWAY,
  TYPES,
  YamuxError,
} from './frame';
import { type StreamHost, YamuxStream } from './yamux-stream';

const MAX_STREAM_ID = 2 ** 32 - 1;

/** Bytes read in one turn of the event loop, as on every other hop. */
const READ_QUOTA_BYTES = 64 * 1024;

/**
 * Limit of unsent bytes; two data frames fit into it. Only answers to a peer that floods and does
 * not read exceed it.
 */
const MAX_UNSENT_BYTES = 256 * 1024;

/** How long a connection may take to end after everything was sent. */
const END_TIMEOUT_MS = 5_000;

const DEFAULT_MAX_STREAMS = 128;

/** The total amount by which the windows of a session's streams may grow. */
const DEFAULT_GROWTH_BYTES = 8 * 1024 * 1024;

export interface YamuxOptions {
  /** Clients open streams with odd ids. Servers only accept streams. */
  readonly role: 'client' | 'server';
  /** Receives streams that the peer opens. If absent, all are refused. */
  readonly onStream?: (stream: YamuxStream) => void;
  /**
   * Maximum number of concurrent streams opened by the peer; more are reset. Each may hold a window
   * of 256 KiB.
   */
  readonly maxStreams?: number;
  readonly growthBytes?: number;
}

/**
 * Many streams over one connection: yamux, version 0,
 * https://github.com/hashicorp/yamux/blob/master/spec.md
 *
 * - The connection is always read: windows limit what each stream may hold.
 * - Streams with pending data take turns, one frame each, while the connection accepts bytes.
 * - A peer that violates the protocol receives `goAway` with an error code, and the session ends.
 */
export class YamuxSession implements StreamHost {
  /** Resolves when the connection is closed, with the error if there was one. */
  readonly over: Promise<Error | undefined>;

  private readonly streams = new Map<number, YamuxStream>();
  private readonly queue = new Set<YamuxStream>();
  private readonly reader: FrameReader;
  private readonly maxStreams: number;
  private growthBytes: number;
  private nextId: number;
  private readThisTurn = 0;
  private nextTurn: NodeJS.Immediate | undefined;
  private duePing: number | undefined;
  /** Control frames that answer the chunk that is being read. */
  private answers: Buffer[] | undefined;
  private isPeerLeaving = false;
  private isOver = false;
  private settle!: (cause: Error | undefined) => void;

  /** @param head bytes that were already read from the connection */
  constructor(
    private readonly connection: Duplex,
    private readonly options: YamuxOptions,
    head?: Buffer,
  ) {
    this.maxStreams = options.maxStreams ?? DEFAULT_MAX_STREAMS;
    this.growthBytes = options.growthBytes ?? DEFAULT_GROWTH_BYTES;
    this.nextId = options.role === 'client' ? 1 : 2;
    this.over = new Promise(resolve => (this.settle = resolve));
    this.reader = new FrameReader({
      onHeader: header => this.onHeader(header),
      onBytes: ({ streamId }, bytes) => this.streams.get(streamId)?.receive(bytes),
      onEnd: ({ streamId, flags }) => {
        if (flags & FLAGS.fin) this.streams.get(streamId)?.receiveEnd();
      },
    });
    if (head?.length) connection.unshift(head);
    connection.on('data', this.onData).resume();
    connection.on('drain', this.sendQueued);
    connection.once('end', () => this.finish(undefined));
    connection.once('close', () => this.finish(new Error('The connection was lost')));
    connection.on('error', cause => this.finish(cause));
    if (connection.destroyed || connection.readableEnded)
      queueMicrotask(() => this.finish(undefined));
  }

  get streamCount(): number {
    return this.streams.size;
  }

  /** Whether streams may be opened. */
  get isOpen(): boolean {
    return !this.isOver && !this.isPeerLeaving && this.nextId <= MAX_STREAM_ID;
  }

  /** @throws {Error} if the session accepts no more streams */
  openStream(): YamuxStream {
    if (!this.isOpen) throw new Error('The session takes no more streams');
    const stream = this.create(this.nextId);
    this.nextId += 2;
    this.sendControl(TYPES.windowUpdate, FLAGS.syn, stream.id, 0);
    return stream;
  }

  /** Sends `goAway`, and ends the connection after everything that was sent. */
  close(): void {
    if (this.isOver) return;
    this.sendAnswers();
    this.finish(undefined, GO_AWAY.normal);
  }

  sendControl(type: number, flags: number, streamId: number, length: number): void {
    if (this.isOver || this.connection.destroyed || this.connection.writableEnded) return;
    const frame = encodeHeader(type, flags, streamId, length);
    if (this.answers) this.answers.push(frame);
    else this.writeControl(frame);
  }

  sendData(streamId: number, bytes: Buffer): void {
    const { connection } = this;
    this.sendAnswers();
    connection.cork();
    connection.write(encodeHeader(TYPES.data, 0, streamId, bytes.length));
    connection.write(bytes);
    connection.uncork();
  }

  enqueue(stream: YamuxStream): void {
    this.queue.add(stream);
    this.sendQueued();
  }

  reserve(bytes: number): boolean {
    if (bytes > this.growthBytes) return false;
    this.growthBytes -= bytes;
    return true;
  }

  forget(stream: YamuxStream, grownBytes: number): void {
    this.growthBytes += grownBytes;
    this.streams.delete(stream.id);
    this.queue.delete(stream);
  }

  private readonly sendQueued = (): void => {
    const { connection } = this;
    if (this.duePing !== undefined && !connection.writableNeedDrain) {
      const value = this.duePing;
      this.duePing = undefined;
      this.sendControl(TYPES.ping, FLAGS.ack, 0, value);
    }
    for (const stream of this.queue) {
      if (this.isOver || connection.writableEnded || connection.writableNeedDrain) return;
      // Requeued at the end if it has more to send.
      this.queue.delete(stream);
      if (!stream.canSend) continue;
      stream.sendNext();
      if (stream.canSend) this.queue.add(stream);
    }
  };

  private writeControl(bytes: Buffer): void {
    this.connection.write(bytes);
    if (this.connection.writableLength > MAX_UNSENT_BYTES) {
      this.fail(new YamuxError('the peer does not read what it asked for'));
    }
  }

  /**
   * In one write: a chunk can ask for 5,000 answers, and as many short segments would fill the
   * buffers of the connection, however fast the peer reads.
   */
  private sendAnswers(): void {
    if (!this.answers?.length || this.isOver) return;
    this.writeControl(Buffer.concat(this.answers.splice(0)));
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.isOver) return;
    this.answers = [];
    try {
      this.reader.read(chunk);
      this.sendAnswers();
    } catch (cause) {
      if (!(cause instanceof YamuxError)) throw cause;
      this.sendAnswers();
      this.fail(cause);
      return;
    } finally {
      this.answers = undefined;
    }
    this.readThisTurn += chunk.length;
    if (this.readThisTurn >= READ_QUOTA_BYTES) this.connection.pause();
    this.nextTurn ??= setImmediate(() => {
      this.nextTurn = undefined;
      this.readThisTurn = 0;
      this.connection.resume();
    });
  };

  /** @returns whether the bytes of a data frame belong to an open stream */
  private onHeader(header: FrameHeader): boolean {
    const { type, flags, streamId, length } = header;
    switch (type) {
      case TYPES.ping:
        // Only the latest of several pings is answered, once the peer reads.
        if (flags & FLAGS.syn) this.duePing = length;
        this.sendQueued();
        return false;
      case TYPES.goAway:
        if (length !== GO_AWAY.normal) throw new YamuxError(`the peer leaves with error ${length}`);
        this.isPeerLeaving = true;
        return false;
      default:
        return this.onStreamHeader(header, streamId, length);
    }
  }

  private onStreamHeader({ type, flags }: FrameHeader, streamId: number, length: number): boolean {
    if (flags & FLAGS.syn) this.accept(streamId);
    const stream = this.streams.get(streamId);
    // Frames of a stream that was reset here may still be in flight.
    if (!stream) return false;
    if (flags & FLAGS.rst) {
      stream.reset();
      return false;
    }
    if (type === TYPES.data) {
      stream.announce(length);
      return true;
    }
    stream.widen(length);
    if (flags & FLAGS.fin) stream.receiveEnd();
    return true;
  }

  private accept(streamId: number): void {
    const isOfPeer = streamId !== 0 && streamId % 2 === (this.options.role === 'client' ? 0 : 1);
    if (!isOfPeer || this.streams.has(streamId)) {
      throw new YamuxError(`stream ${streamId} cannot be opened`);
    }
    const { onStream } = this.options;
    if (!onStream || this.streams.size >= this.maxStreams) {
      this.sendControl(TYPES.windowUpdate, FLAGS.rst, streamId, 0);
      return;
    }
    const stream = this.create(streamId);
    this.sendControl(TYPES.windowUpdate, FLAGS.ack, streamId, 0);
    onStream(stream);
  }

  private create(streamId: number): YamuxStream {
    const stream = new YamuxStream(this, streamId);
    // The user of the stream reports errors; until it has one, only the end matters.
    stream.on('error', () => undefined);
    this.streams.set(streamId, stream);
    return stream;
  }

  private fail(cause: Error): void {
    this.finish(cause, GO_AWAY.protocolError);
  }

  /** @param reason sent to the peer, unless it is the connection that has ended */
  private finish(cause: Error | undefined, reason?: number): void {
    if (this.isOver) return;
    this.isOver = true;
    clearImmediate(this.nextTurn);
    this.queue.clear();
    for (const stream of [...this.streams.values()]) {
      if (cause) stream.destroy(cause);
      else stream.abandon();
    }
    const { connection } = this;
    connection.off('drain', this.sendQueued);
    // Further data is discarded.
    connection.resume();
    if (!connection.destroyed) {
      const timer = setTimeout(() => connection.destroy(), END_TIMEOUT_MS);
      connection.once('close', () => clearTimeout(timer));
      if (reason !== undefined && !connection.writableEnded) {
        connection.write(encodeHeader(TYPES.goAway, 0, 0, reason));
      }
      connection.end();
    }
    this.settle(cause);
  }
}
