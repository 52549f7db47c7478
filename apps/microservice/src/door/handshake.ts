import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CLOSE_CODES, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import type { AcceptedWebSocket } from '@remote-access/streams';
import { WebSocket, WebSocketServer } from 'ws';

/** RFC 6455 4.2.1: 16 bytes in base64. */
const REGULAR_KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Leaves room for agents with their own format; the key is only hashed. */
const ANY_KEY = /^[!-~]{1,256}$/;

/** Any well-formed key: the answer is computed from the one that was sent. */
const REGULAR_STAND_IN = Buffer.alloc(16).toString('base64');

/** RFC 6455 1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A message is held in memory until all of it has come. Clients paste a megabyte in one. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

export const MESSAGE_TOO_BIG = 'Send at most 1 MiB (1,048,576 bytes) in one message.';

/**
 * A message in pieces holds each piece until the last one has come. Enough for 1 MiB over links that
 * split it as finely as any does.
 */
const MAX_FRAGMENTS = 4 * 1024;
const MAX_BUFFERED_CHUNKS = 16 * 1024;

/** Says why, where `ws` sends the close code alone. */
class ExplainingWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, code === CLOSE_CODES.messageTooBig ? MESSAGE_TOO_BIG : reason);
  }
}

/** Why a request is not an opening handshake of RFC 6455; `undefined` if it is one. */
export function handshakeRefusal(
  { headers, method }: IncomingMessage,
  { acceptsAnyKey }: { acceptsAnyKey: boolean },
): Refusal | undefined {
  if (method !== 'GET') return new RemoteAccessError('method-not-allowed');
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return malformed('Only upgrades to WebSocket are supported.');
  }
  if (headers['sec-websocket-version'] !== '13') {
    return malformed('The WebSocket version must be 13.');
  }
  const key = headers['sec-websocket-key'];
  if (key === undefined || !(acceptsAnyKey ? ANY_KEY : REGULAR_KEY).test(key)) {
    return malformed('The Sec-WebSocket-Key is missing or malformed.');
  }
  return undefined;
}

/**
 * Answers the handshakes of one route. Compression is never negotiated: it takes half a megabyte
 * per session and a hundred times the CPU.
 */
export class WebSocketHandshake {
  private readonly server: WebSocketServer;
  private readonly irregularKeys = new WeakMap<IncomingMessage, string>();

  constructor(subprotocols: readonly string[]) {
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_BUFFERED_CHUNKS,
      WebSocket: ExplainingWebSocket,
      handleProtocols: offered => subprotocols.find(name => offered.has(name)) ?? false,
    });
    this.server.on('headers', this.answerIrregularKey);
  }

  /**
   * @param opened gets the WebSocket before any of its messages
   * @param failed is called with a refusal if `ws` finds the handshake malformed, and if it drops the
   * socket without a word because that can no longer be answered
   */
  complete(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    opened: (webSocket: WebSocket) => void,
    failed: (refusal: Refusal) => void,
  ): void {
    const key = request.headers['sec-websocket-key'] ?? '';
    if (!REGULAR_KEY.test(key)) {
      this.irregularKeys.set(request, key);
      request.headers['sec-websocket-key'] = REGULAR_STAND_IN;
    }
    let isOpen = false;
    // `ws` answers unless somebody listens; all of it happens before handleUpgrade returns.
    const onClientError = (): void => undefined;
    this.server.on('wsClientError', onClientError);
    this.server.handleUpgrade(request, socket, head, webSocket => {
      isOpen = true;
      opened(Object.assign(webSocket, { transport: socket } satisfies Partial<AcceptedWebSocket>));
    });
    this.server.off('wsClientError', onClientError);
    if (!isOpen) failed(malformed('The WebSocket handshake is malformed.'));
  }

  /** `ws` refuses malformed keys: it sees a well-formed one, and the answer is corrected here. */
  private readonly answerIrregularKey = (headers: string[], request: IncomingMessage): void => {
    const key = this.irregularKeys.get(request);
    if (key === undefined) return;
    const accept = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
    const at = headers.findIndex(line => /^sec-websocket-accept:/i.test(line));
    headers[at] = `Sec-WebSocket-Accept: ${accept}`;
  };
}

function malformed(detail: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail });
}
