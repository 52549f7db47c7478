import type { WebSocketDuplex } from '@remote-access/streams';
import { everyInStep } from './in-step';

export interface HeartbeatOptions {
  readonly periodMs: number;
  /**
   * Whether a peer that has never answered counts as dead too. Every browser answers pings; an old
   * agent may not, and is left to TCP.
   */
  readonly expectsAnswer: boolean;
  readonly onDead: () => void;
}

/** Periods without a sign of life after which a peer counts as dead. */
const SILENT_PERIODS = 2;

/** What of a stream tells whether its peer lives. */
export type PulsedStream = Pick<WebSocketDuplex, 'socket' | 'messagesIn'>;

/**
 * Pings a peer that has been silent for a period, and tells when it is dead. Pings carry no
 * payload: cumulocity-agents-linux writes a payload into its TCP stream.
 *
 * @returns stops it
 */
export function startHeartbeat(stream: PulsedStream, options: HeartbeatOptions): () => void {
  const { socket } = stream;
  let silentPeriods = 0;
  let messagesSeen = stream.messagesIn;
  let isPinged = false;
  let judges = options.expectsAnswer;

  const onPing = (): void => {
    isPinged = true;
  };
  const onPong = (): void => {
    silentPeriods = 0;
    judges = true;
  };
  const stop = everyInStep(() => {
    // Who speaks by itself lives, and no proxy takes the connection for a quiet one.
    if (isPinged || stream.messagesIn !== messagesSeen) {
      isPinged = false;
      messagesSeen = stream.messagesIn;
      silentPeriods = 0;
      return;
    }
    // Behind bytes that the peer has yet to read a ping is no question.
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount > 0 || socket.isPaused) return;
    if (judges && silentPeriods >= SILENT_PERIODS) {
      options.onDead();
      return;
    }
    silentPeriods += 1;
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
