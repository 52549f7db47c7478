import type { ServerResponse } from 'node:http';
import type { Link } from './bayeux-session';
import type { WebSocket } from 'ws';
import type { BayeuxMessage } from './bayeux-message';

/** A long poll: messages are sent with its answer. */
export class HttpLink implements Link {
  constructor(private readonly response: ServerResponse) {}

  get gone(): boolean {
    return this.response.closed || this.response.destroyed;
  }

  onGone(listener: () => void): () => void {
    this.response.once('close', listener);
    return () => this.response.off('close', listener);
  }
}

/** A client that does not read is disconnected beyond this. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** A WebSocket: messages are sent at once, connects only show that the client is alive. */
export class WebSocketLink implements Link {
  constructor(private readonly webSocket: WebSocket) {
    // Every error ends in `close`.
    webSocket.on('error', () => webSocket.terminate());
  }

  get gone(): boolean {
    return this.webSocket.readyState !== this.webSocket.OPEN;
  }

  readonly push = (messages: BayeuxMessage[]): boolean => {
    if (this.gone || messages.length === 0) return true;
    if (this.webSocket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.webSocket.terminate();
      return false;
    }
    this.webSocket.send(JSON.stringify(messages));
    return true;
  };

  onGone(listener: () => void): () => void {
    this.webSocket.once('close', listener);
    return () => this.webSocket.off('close', listener);
  }
}
