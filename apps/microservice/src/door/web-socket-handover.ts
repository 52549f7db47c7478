import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { isRegularKey } from './handshake-check';

/** Longest WebSocket message, in bytes; messages of sessions are far shorter. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** RFC 6455 1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Any key of the right form: what is answered is computed from the one that came. */
const REGULAR_STAND_IN = Buffer.alloc(16).toString('base64');

/**
 * Turns admitted upgrades into WebSockets. Compression is never negotiated: it takes half a
 * megabyte a session and a hundred times the CPU.
 */
export class WebSocketHandover {
  private readonly server: WebSocketServer;
  private readonly irregularKeys = new WeakMap<IncomingMessage, string>();

  constructor(subprotocols: readonly string[]) {
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handleProtocols: offered => subprotocols.find(name => offered.has(name)) ?? false,
    });
    this.server.on('headers', this.answerIrregularKey);
  }

  /**
   * @param opened gets the WebSocket before any of its messages
   * @param failed called when the request turns out to be no handshake after all
   */
  complete(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    opened: (webSocket: WebSocket) => void,
    failed: () => void,
  ): void {
    const key = request.headers['sec-websocket-key'] ?? '';
    if (!isRegularKey(key)) {
      this.irregularKeys.set(request, key);
      request.headers['sec-websocket-key'] = REGULAR_STAND_IN;
    }
    const onClientError = (_error: Error, _socket: Duplex, failing: IncomingMessage): void => {
      if (failing === request) failed();
    };
    // All of it happens before handleUpgrade returns.
    this.server.on('wsClientError', onClientError);
    this.server.handleUpgrade(request, socket, head, opened);
    this.server.off('wsClientError', onClientError);
  }

  /** ws refuses keys of a wrong form; it is shown a good one and the answer is put right here. */
  private readonly answerIrregularKey = (headers: string[], request: IncomingMessage): void => {
    const key = this.irregularKeys.get(request);
    if (key === undefined) return;
    const accept = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
    const at = headers.findIndex(line => /^sec-websocket-accept:/i.test(line));
    headers[at] = `Sec-WebSocket-Accept: ${accept}`;
  };
}
