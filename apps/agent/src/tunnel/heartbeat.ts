import type { WebSocket } from 'ws';

/** Below the minute after which proxies forget a quiet connection. */
export const HEARTBEAT_INTERVAL_MS = 30_000;

/**
 * Pings a WebSocket, and cuts it when the other end is gone: when a ping stays unanswered although
 * we read and it takes what we send. Bytes count as an answer. The pings carry no payload.
 *
 * @returns what ends it
 */
export function keepAlive(socket: WebSocket, intervalMs = HEARTBEAT_INTERVAL_MS): () => void {
  let alive = true;
  const hear = (): void => void (alive = true);
  socket.on('pong', hear).on('message', hear);
  const timer = setInterval(() => {
    // Who is paused hears no pong; who waits for the other end to read gets no ping through.
    if (!alive && !socket.isPaused && socket.bufferedAmount === 0) {
      socket.terminate();
      return;
    }
    alive = false;
    if (socket.readyState === socket.OPEN && socket.bufferedAmount === 0) socket.ping();
  }, intervalMs);
  return () => {
    clearInterval(timer);
    socket.off('pong', hear).off('message', hear);
  };
}
