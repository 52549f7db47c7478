import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RemoteAccessError } from '@remote-access/contracts';
import { errorBody } from '../http/error-filter';

/** How long a refused caller has to read why. */
const FAREWELL_MS = 1_000;

/** How long to wait after `too-many-requests`, in seconds. */
const RETRY_AFTER_S = 10;

/** Answers an upgrade with an error as plain HTTP, and ends the socket. */
export function refuseUpgrade(socket: Duplex, error: RemoteAccessError): void {
  const { httpStatus } = error.entry;
  const body = JSON.stringify(errorBody(error));
  const head = [
    `HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Referrer-Policy: no-referrer',
    'X-Content-Type-Options: nosniff',
    ...(httpStatus === 405 ? ['Allow: GET'] : []),
    ...(httpStatus === 429 ? [`Retry-After: ${RETRY_AFTER_S}`] : []),
    'Connection: close',
  ];
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.once('close', () => clearTimeout(timer));
  // Bytes left unread would turn the end into a reset, which can overtake the answer.
  socket.resume();
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
