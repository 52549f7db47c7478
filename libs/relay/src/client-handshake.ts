import { createHash, randomBytes } from 'node:crypto';
import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { FramedConnection } from './framed-connection';

export interface ClientHandshake {
  /** `ws:`, `wss:`, `http:` or `https:`. */
  readonly url: string;
  /** Offered subprotocols; the server may choose one or none. */
  readonly protocols: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Opens the connection, for example through a proxy. */
  readonly agent?: Agent;
  /** For connecting and the handshake together. */
  readonly timeoutMs: number;
  readonly maxMessageBytes: number;
  /** The caller must not reuse buffers that it sends; see {@link FramedConnectionOptions}. */
  readonly masksInPlace?: boolean;
  readonly signal?: AbortSignal;
}

/** The server answered the handshake with another status; the body has not been read yet. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused';

  constructor(readonly answer: IncomingMessage) {
    super(`The server answered ${answer.statusCode} ${answer.statusMessage}`);
  }
}

/**
 * Opens a WebSocket as a client (RFC 6455, section 4.1).
 *
 * @param use receives the connection at once, because bytes may already have arrived after the
 *   handshake
 * @throws {UpgradeRefused}, a system or TLS error, or an error that describes what is wrong with
 *   the response
 */
export function openWebSocket<Result>(
  handshake: ClientHandshake,
  use: (connection: FramedConnection) => Result,
): Promise<Result> {
  const { protocols, headers, agent, timeoutMs, signal } = handshake;
  const { maxMessageBytes, masksInPlace = false } = handshake;
  const url = new URL(handshake.url.replace(/^ws/, 'http'));
  const key = randomBytes(16).toString('base64');
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      ...(agent && { agent }),
      ...(signal && { signal }),
      headers: {
        ...headers,
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Key': key,
        'Sec-WebSocket-Version': '13',
        ...(protocols.length > 0 && { 'Sec-WebSocket-Protocol': protocols.join(', ') }),
      },
    });
    const timer = setTimeout(
      () => request.destroy(new Error('Opening handshake has timed out')),
      timeoutMs,
    );
    request.on('error', reject);
    request.once('close', () => clearTimeout(timer));
    // The timer keeps running: the body may also be late.
    request.once('response', answer => reject(new UpgradeRefused(answer)));
    request.once('upgrade', (answer, socket, head) => {
      clearTimeout(timer);
      const problem = problemOf(answer, key, protocols);
      if (problem !== undefined) {
        socket.destroy();
        reject(new Error(problem));
        return;
      }
      const protocol = answer.headers['sec-websocket-protocol'] ?? '';
      const options = { role: 'client', protocol, head, maxMessageBytes, masksInPlace } as const;
      resolve(use(new FramedConnection(socket, options)));
    });
    request.end();
  });
}

/** Why a response with status 101 does not open a WebSocket. */
function problemOf(
  { headers }: IncomingMessage,
  key: string,
  offered: readonly string[],
): string | undefined {
  const { upgrade = '', 'sec-websocket-protocol': protocol } = headers;
  if (upgrade.toLowerCase() !== 'websocket') return 'The server did not upgrade to a WebSocket';
  if (headers['sec-websocket-accept'] !== acceptOf(key)) {
    return 'The answer to the handshake has a wrong Sec-WebSocket-Accept';
  }
  if (protocol !== undefined && !offered.includes(protocol)) {
    return `The server chose the subprotocol "${protocol.slice(0, 100)}", which was not offered`;
  }
  return headers['sec-websocket-extensions'] === undefined
    ? undefined
    : 'The server wants an extension that was not offered';
}

/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The value of `Sec-WebSocket-Accept`, RFC 6455, section 4.2.2. The key is only hashed, so any
 * format works.
 */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
}

/** The response to a handshake. Extensions are never negotiated. */
export function switchingProtocols(key: string, protocol: string): string {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptOf(key)}`,
    ...(protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/**
 * The subprotocols of `Sec-WebSocket-Protocol`, RFC 6455, section 4.1.
 * @returns `undefined` if the header is malformed or names one twice
 */
export function offeredSubprotocols(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return [];
  const names = header.split(',').map(name => name.trim());
  const isWellFormed =
    names.every(name => TOKEN.test(name)) && new Set(names).size === names.length;
  return isWellFormed ? names : undefined;
}
