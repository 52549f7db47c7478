import type { IncomingMessage } from 'node:http';
import { type Refusal, RemoteAccessError } from '@remote-access/contracts';

/** RFC 6455 4.2.1: 16 bytes in base64. */
const REGULAR_KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Room for agents that invent their own; the text only goes into a hash. */
const ANY_KEY = /^[!-~]{1,256}$/;

export function isRegularKey(key: string): boolean {
  return REGULAR_KEY.test(key);
}

/** Why a request is no opening handshake of RFC 6455. */
export function handshakeRefusal(
  request: IncomingMessage,
  { takesAnyKey }: { takesAnyKey: boolean },
): Refusal | undefined {
  const { headers, method } = request;
  if (method !== 'GET') return new RemoteAccessError('method-not-allowed');
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return malformed('The upgrade is not one to a WebSocket.');
  }
  if (headers['sec-websocket-version'] !== '13') {
    return malformed('The WebSocket version must be 13.');
  }
  const key = headers['sec-websocket-key'];
  if (key === undefined || !(takesAnyKey ? ANY_KEY : REGULAR_KEY).test(key)) {
    return malformed('The Sec-WebSocket-Key is missing or malformed.');
  }
  return undefined;
}

function malformed(detail: string): RemoteAccessError {
  return new RemoteAccessError('malformed-request', { detail });
}
