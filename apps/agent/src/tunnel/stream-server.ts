import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { splice } from '@remote-access/streams';
import { YAMUX_PROPOSAL, YamuxSession, type YamuxStream } from '@remote-access/yamux';
import type { Dialled } from '../targets/target-dialler';

/** Concurrent streams in one session; each may hold 256 KiB in each direction. */
export const MAX_STREAMS = 128;

/** Concurrent streams of all sessions, each with a connection to its target. */
const MAX_STREAMS_OF_AGENT = 512;

/** How much the windows of one session may grow in total: gateways have little memory. */
const GROWTH_BYTES = 4 * 1024 * 1024;

/** Counts the streams of all sessions of an agent. */
export class StreamQuota {
  private count = 0;

  constructor(private readonly max = MAX_STREAMS_OF_AGENT) {}

  /** @returns whether one more may be opened */
  take(): boolean {
    if (this.count >= this.max) return false;
    this.count += 1;
    return true;
  }

  release(): void {
    this.count -= 1;
  }
}

export interface StreamServerOptions {
  /**
   * The connection to the target that was made when the session began; the first stream uses it.
   */
  readonly first: Socket;
  /** Connects to the same target, under the same rules. */
  readonly dial: (signal: AbortSignal) => Promise<Dialled<Socket>>;
  readonly quota: StreamQuota;
  readonly pace: (bytes: number, from: 'first' | 'second') => number;
  /** Receives the reason why a stream could not be served. */
  readonly onRefused: (reason: string) => void;
}

/**
 * Serves many streams of a client, each with a connection to the target of its session: a client
 * cannot choose another target.
 */
export class StreamServer {
  private first: Socket | undefined;
  private readonly session: YamuxSession;
  private readonly dialling = new AbortController();

  /** @param relay the client's bytes, after its proposal */
  constructor(
    relay: Duplex,
    private readonly options: StreamServerOptions,
  ) {
    this.first = options.first;
    // One listener per stream that is connecting.
    setMaxListeners(MAX_STREAMS, this.dialling.signal);
    // If the target sent first, its bytes precede the answer and belong to the first stream.
    relay.write(Buffer.from(YAMUX_PROPOSAL));
    this.session = new YamuxSession(relay, {
      role: 'server',
      maxStreams: MAX_STREAMS,
      growthBytes: GROWTH_BYTES,
      onStream: stream => void this.serve(stream),
    });
  }

  /** Resolves when the session has ended, with the error if there was one. */
  async over(): Promise<Error | undefined> {
    const cause = await this.session.over;
    this.dialling.abort();
    this.first?.destroy();
    return cause;
  }

  private async serve(stream: YamuxStream): Promise<void> {
    const { quota, onRefused, pace } = this.options;
    if (!quota.take()) {
      onRefused('the gateway has reached its limit of connections');
      stream.destroy();
      return;
    }
    try {
      const { connection, refusal } = await this.target();
      if (refusal !== undefined) {
        onRefused(refusal);
        stream.destroy();
        return;
      }
      const names = ['client', 'target'] as const;
      const ended = splice(stream, connection, { names, gathers: true, endOf: 'one-way', pace });
      // The first connection was paused when the client's proposal arrived.
      connection.resume();
      await ended;
    } finally {
      quota.release();
    }
  }

  private async target(): Promise<Dialled<Socket>> {
    const { first } = this;
    this.first = undefined;
    if (first && !first.destroyed) return { connection: first };
    try {
      return await this.options.dial(this.dialling.signal);
    } catch (cause) {
      return { refusal: `the gateway's agent failed: ${(cause as Error).message}` };
    }
  }
}
