import type { Duplex } from 'node:stream';
import {
  StreamResetError,
  YAMUX_PROPOSAL,
  YamuxSession,
  type YamuxStream,
} from '@remote-access/yamux';
import { CliFailure } from '../failures/failure';
import type { Channel, Tunnel } from './tunnel';

/** Fewer than agents accept, because a stream ends here a moment earlier than at the agent. */
const MAX_STREAMS = 60;

/** How long an agent may take to agree. One that does not know the proposal does not respond. */
const ANSWER_TIMEOUT_MS = 5_000;

/** Bytes that a server may send before the agent has read the proposal. */
const MAX_GREETING_BYTES = 64 * 1024;

/** How long an unused session waits for the next connection. */
const LINGER_MS = 30_000;

/** One session that carries many connections to its endpoint, each as a stream. */
export class MultiplexedSession {
  private readonly session: YamuxSession;
  private linger: NodeJS.Timeout | undefined;
  private isOver = false;

  private constructor(
    private readonly tunnel: Tunnel,
    /** Bytes that the server has already sent on the connection that the first stream uses. */
    private greeting: Buffer,
    head: Buffer,
  ) {
    this.session = new YamuxSession(tunnel.stream, { role: 'client' }, head);
    void this.session.over.then(() => {
      this.isOver = true;
      clearTimeout(this.linger);
    });
  }

  /**
   * @param tunnel on which the proposal was sent, and nothing else
   * @returns `undefined` if the agent does not agree; then the tunnel can no longer be used
   */
  static async agree(tunnel: Tunnel): Promise<MultiplexedSession | undefined> {
    const answer = await answerIn(tunnel.stream);
    if (answer) return new MultiplexedSession(tunnel, answer.greeting, answer.head);
    tunnel.stream.destroy();
    return undefined;
  }

  get isOpen(): boolean {
    return this.session.isOpen;
  }

  get hasRoom(): boolean {
    return this.isOpen && this.session.streamCount < MAX_STREAMS;
  }

  openChannel(): Channel {
    clearTimeout(this.linger);
    const stream = this.session.openStream();
    if (this.greeting.length > 0) stream.unshift(this.greeting);
    this.greeting = Buffer.alloc(0);
    stream.once('close', () => {
      if (this.isOver || this.session.streamCount > 0) return;
      clearTimeout(this.linger);
      this.linger = setTimeout(() => this.session.close(), LINGER_MS);
    });
    const failureOf = (): CliFailure | undefined => this.failureOf(stream);
    return {
      stream,
      get failure() {
        return failureOf();
      },
    };
  }

  async close(): Promise<void> {
    this.session.close();
    const { stream } = this.tunnel;
    if (!stream.closed) await new Promise(resolve => stream.once('close', resolve));
  }

  private failureOf(stream: YamuxStream): CliFailure | undefined {
    if (stream.errored instanceof StreamResetError) {
      return new CliFailure(
        'unreachable',
        'The endpoint has reset the connection, or the gateway could not open it.',
      );
    }
    if (!stream.wasCut && !stream.errored) return undefined;
    return (
      this.tunnel.failure ??
      new CliFailure('unreachable', 'The session ended before the connection did.')
    );
  }
}

/** @returns the bytes before and after the agent's answer */
function answerIn(stream: Duplex): Promise<{ greeting: Buffer; head: Buffer } | undefined> {
  return new Promise(resolve => {
    let got = Buffer.alloc(0);
    const settle = (answer?: { greeting: Buffer; head: Buffer }): void => {
      clearTimeout(timer);
      stream.pause();
      stream.off('data', onData).off('end', onEnd).off('close', onEnd);
      resolve(answer);
    };
    const onEnd = (): void => settle();
    const onData = (chunk: Buffer): void => {
      got = Buffer.concat([got, chunk]);
      const at = got.indexOf(YAMUX_PROPOSAL);
      if (at >= 0) {
        settle({ greeting: got.subarray(0, at), head: got.subarray(at + YAMUX_PROPOSAL.length) });
      } else if (got.length > MAX_GREETING_BYTES) {
        settle();
      }
    };
    const timer = setTimeout(settle, ANSWER_TIMEOUT_MS);
    stream.on('data', onData).on('end', onEnd).on('close', onEnd).resume();
  });
}
