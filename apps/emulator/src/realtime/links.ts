import type { ServerResponse } from 'node:http';
import type { Link } from './bayeux-session';
import type { WebSocket } from 'ws';
import type { BayeuxMessage } from './bayeux-message';

/** One long poll: messages go with its answer. */
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

/** What may wait in the socket of a client that does not read. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** A WebSocket: messages go at once, connects are only a sign of life. */
export class WebSocketLink implements Link {
  constructor(private readonly webSocket: WebSocket) {
    // A broken frame or connection ends in `close`, which is what counts here.
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
