import { setPooledInterval } from './pooled-interval';
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
  readonly onDead: () => void;
}

/** The peer of a WebSocket, for example a `WebSocketDuplex`. */
export interface HeartbeatPeer {
  readonly socket: MessageSocket;
  /** Messages received so far; if absent, only pings and pongs count as signs of life. */
  readonly messagesIn?: number;
}

/**
 * Pings the peer of a WebSocket and reports when it is dead. Messages, pings and pongs are signs of
 * life. A period counts against the peer only if its answer could have arrived: not while unsent
 * bytes are queued ahead of the ping, and not while the socket is paused. Pings have no payload,
 * because cumulocity-agents-linux writes a ping's payload into its TCP stream.
 *
 * @returns a function that stops the heartbeat
 */
export function startHeartbeat(peer: HeartbeatPeer, options: HeartbeatOptions): () => void {
  const { socket } = peer;
  const pingsAlways = options.pings === 'always';
  let unanswered = 0;
  let messagesSeen = peer.messagesIn;
  let wasPinged = false;
  let expectsPong = options.expectsPong;

  const onPing = (): void => {
    wasPinged = true;
  };
  const onPong = (): void => {
    unanswered = 0;
    expectsPong = true;
  };
  const stop = setPooledInterval(() => {
    if (wasPinged || peer.messagesIn !== messagesSeen) {
      wasPinged = false;
      messagesSeen = peer.messagesIn;
      unanswered = 0;
      if (!pingsAlways) return;
    }
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount > 0) return;
    if (socket.isPaused) {
      // While paused, the peer's close would not be noticed either, but sending to a peer that is
      // gone fails.
      socket.ping();
      return;
    }
    if (expectsPong && unanswered >= options.maxUnanswered) {
      options.onDead();
      return;
    }
    unanswered += 1;
    socket.ping();
  }, options.periodMs);
  socket.on('pong', onPong);
  socket.on('ping', onPing);
  return () => {
    stop();
    socket.off('pong', onPong);
    socket.off('ping', onPing);
  };
}
