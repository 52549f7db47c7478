import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CLOSE_CODES, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { FramedConnection, offeredSubprotocols, switchingProtocols } from '@remote-access/relay';

/** RFC 6455 4.2.1: 16 bytes in base64. */
const REGULAR_KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Allows agents with a format of their own; the key is only hashed. */
const ANY_KEY = /^[!-~]{1,256}$/;

/** Users paste up to a megabyte in one message. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

export const MESSAGE_TOO_BIG = 'Send at most 1 MiB (1,048,576 bytes) in one message.';

/**
 * Fragments per message: a text message is buffered until it is complete, and each fragment takes
 * more memory than its bytes. Enough for 1 MiB over links with the smallest fragments.
 */
const MAX_PIECES = 4 * 1024;

export const MALFORMED_KEY = 'The Sec-WebSocket-Key is missing or malformed.';

/** Whether the key of an opening handshake is one of RFC 6455. */
export function hasRegularKey({ headers }: IncomingMessage): boolean {
  return REGULAR_KEY.test(headers['sec-websocket-key'] ?? '');
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
    return malformed(MALFORMED_KEY);
  }
  if (!offeredSubprotocols(headers['sec-websocket-protocol'])) {
    return malformed('The Sec-WebSocket-Protocol is malformed.');
  }
  return undefined;
}

/**
 * Answers a handshake that {@link handshakeRefusal} accepts. Compression is never negotiated: it
 * takes half a megabyte per session and a hundred times the CPU time.
 *
 * @param subprotocols the ones to select if the client offers them, preferred one first
 * @param relayedBy the replica that forwards the connection, if it is another one
 */
export function acceptHandshake(
  { headers }: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  subprotocols: readonly string[],
  relayedBy?: string,
): FramedConnection {
  const offered = offeredSubprotocols(headers['sec-websocket-protocol']) ?? [];
  const protocol = subprotocols.find(name => offered.includes(name)) ?? '';
  socket.write(switchingProtocols(headers['sec-websocket-key'] ?? '', protocol));
  return new FramedConnection(socket, {
    role: 'server',
    protocol,
    head,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxPieces: MAX_PIECES,
    closeReason,
    relayedBy,
  });
}

function closeReason(code: number): string {
  return code === CLOSE_CODES.messageTooBig ? MESSAGE_TOO_BIG : '';
}

function malformed(detail: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail });
}
