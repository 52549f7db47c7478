import { PooledTask } from './pooled-interval';
import type { MessageSocket } from './web-socket-duplex';

export interface HeartbeatOptions {
  readonly periodMs: number;
  /**
   * Number of pings that may stay unanswered: the peer is considered dead when the next one is due.
   */
  readonly maxUnanswered: number;
  /**
   * Whether a peer that has never answered a ping can be considered dead. Browsers and our agent
   * always answer; agents of other vendors may not, and TCP must detect that those are gone.
   */
  readonly expectsPong: boolean;
  /**
   * `when-silent` pings only a peer from which nothing was read for a period. `always` pings every
   * period, which also keeps the connection alive in proxies that monitor each direction.
   */
  readonly pings: 'when-silent' | 'always';
  /** Gets the peer, so that many heartbeats can share their options. */
  readonly onDead: (peer: HeartbeatPeer) => void;
}

/** The peer of a WebSocket, for example a `WebSocketDuplex`. */
export interface HeartbeatPeer {
  readonly socket: MessageSocket;
  /** Messages received so far; if absent, only pings and pongs count as signs of life. */
  readonly messagesIn?: number;
}

/** Where a socket's listeners find its heartbeat. */
const HEARTBEAT = Symbol('heartbeat');

type Found = MessageSocket & { [HEARTBEAT]?: Heartbeat };

/**
 * Pings the peer of a WebSocket and reports when it is dead. Messages, pings and pongs are signs of
 * life. A period counts against the peer only if its answer could have arrived: not while unsent
 * bytes are queued ahead of the ping, and not while the socket is paused. Pings have no payload,
 * because cumulocity-agents-linux writes a ping's payload into its TCP stream.
 *
 * A socket has one heartbeat at a time.
 */
export class Heartbeat extends PooledTask {
  private unanswered = 0;
  private messagesSeen: number | undefined;
  private wasPinged = false;
  private expectsPong: boolean;

  constructor(
    private readonly peer: HeartbeatPeer,
    private readonly options: HeartbeatOptions,
  ) {
    super(options.periodMs);
    this.messagesSeen = peer.messagesIn;
    this.expectsPong = options.expectsPong;
    const socket: Found = peer.socket;
    socket[HEARTBEAT] = this;
    socket.on('pong', onPong);
    socket.on('ping', onPing);
  }

  override stop(): void {
    super.stop();
    this.peer.socket.off('pong', onPong);
    this.peer.socket.off('ping', onPing);
  }

  /** Called by the socket's listeners, like the method that follows. */
  pinged(): void {
    this.wasPinged = true;
  }

  answered(): void {
    this.unanswered = 0;
    this.expectsPong = true;
  }

  protected override look(): void {
    const { peer } = this;
    const { socket } = peer;
    const { pings, maxUnanswered, onDead } = this.options;
    if (this.wasPinged || peer.messagesIn !== this.messagesSeen) {
      this.wasPinged = false;
      this.messagesSeen = peer.messagesIn;
      this.unanswered = 0;
      if (pings === 'when-silent') return;
    }
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount > 0) return;
    if (socket.isPaused) {
      // While paused, the peer's close would not be noticed either, but sending to a peer that is
      // gone fails.
      socket.ping();
      return;
    }
    if (this.expectsPong && this.unanswered >= maxUnanswered) {
      onDead(peer);
      return;
    }
    this.unanswered += 1;
    socket.ping();
  }
}

/**
 * Starts a {@link Heartbeat}.
 * @returns a function that stops it
 */
export function startHeartbeat(peer: HeartbeatPeer, options: HeartbeatOptions): () => void {
  const heartbeat = new Heartbeat(peer, options);
  return () => heartbeat.stop();
}

function onPing(this: Found): void {
  this[HEARTBEAT]!.pinged();
}

function onPong(this: Found): void {
  this[HEARTBEAT]!.answered();
}
