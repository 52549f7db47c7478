import type { Http2Session } from 'node:http2';

const PING_PERIOD_MS = 5_000;

/** Detects a peer whose network is gone. */
const PING_TIMEOUT_MS = 10_000;

/**
 * Ends a connection between replicas if the peer answers no pings. Both ends check: if the network
 * drops what is sent, neither would learn that the other has ended.
 */
export function watchPeer(session: Http2Session): void {
  let sentAtMs: number | undefined;
  const timer = setInterval(() => {
    if (sentAtMs !== undefined) {
      if (performance.now() - sentAtMs >= PING_TIMEOUT_MS) session.destroy();
      return;
    }
    sentAtMs = performance.now();
    session.ping(() => (sentAtMs = undefined));
  }, PING_PERIOD_MS);
  session.once('close', () => clearInterval(timer));
}
