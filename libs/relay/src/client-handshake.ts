import { randomBytes } from 'node:crypto';
import { type Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { FramedConnection } from './framed-connection';
import { acceptOf } from './opening-handshake';

export interface ClientHandshake {
  /** `ws:`, `wss:`, `http:` or `https:`. */
  readonly url: string;
  /** Offered subprotocols; the server may choose one or none. */
  readonly protocols: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Opens the connection, for example through a proxy. */
  readonly agent?: Agent;
  /** For the connection and the handshake together. */
  readonly timeoutMs: number;
  readonly maxMessageBytes: number;
  /** What is sent must not be used again, as in {@link FramedConnectionOptions}. */
  readonly masksInPlace?: boolean;
  readonly signal?: AbortSignal;
}

/** The server answered the handshake with something else, whose body is still to be read. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused';

  constructor(readonly answer: IncomingMessage) {
    super(`The server answered ${answer.statusCode} ${answer.statusMessage}`);
  }
}

/**
 * Opens a WebSocket as its client, RFC 6455, section 4.1.
 *
 * @param use gets the connection at once, because bytes may have arrived behind the handshake
 * @throws {UpgradeRefused}, a system or TLS error, or an error that says what is wrong with the answer
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
    request.once('error', reject);
    request.once('close', () => clearTimeout(timer));
    // The timer goes on: the body may be long in coming.
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

/** Why an answer with 101 does not open a WebSocket. */
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
