import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** Where a request goes. */
export interface Upstream {
  /** Authority for the `Host` header. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  /** Path and query there. */
  readonly path: string;
  /** What was stripped from the caller's path. */
  readonly prefix: string;
}

/** Headers between two neighbours only (RFC 9110, 7.6.1, and those that older software sends). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What the ingress alone may say about the caller. */
const SET_BY_INGRESS = /^(?:forwarded|x-forwarded-.*|x-real-ip)$/;

/** The caller's credentials reach the microservice whatever `Connection` says of them. */
const CREDENTIALS = new Set(['authorization', 'cookie', 'x-xsrf-token', 'tfatoken']);

/**
 * The headers the microservice gets: the caller's own, `Host` of the microservice, and where the
 * request came from. Who sends `X-Forwarded-*` is not believed: they are replaced.
 *
 * @param host authority of the microservice
 * @param prefix what was stripped from the path
 */
export function forwardedHeaders(request: IncomingMessage, host: string, prefix: string): string[] {
  const { socket } = request;
  const peer = socket.remoteAddress ?? '';
  const kept = filterHeaders(
    endToEndHeaders(request.rawHeaders),
    // The ingress has answered `Expect` already.
    name => name !== 'host' && name !== 'expect' && !SET_BY_INGRESS.test(name),
  );
  return [
    ...['Host', host],
    ...kept,
    ...['X-Forwarded-Host', request.headers.host ?? ''],
    ...['X-Forwarded-Proto', (socket as TLSSocket).encrypted ? 'https' : 'http'],
    ...['X-Forwarded-Prefix', prefix],
    ...['X-Forwarded-For', peer],
    ...['X-Real-Ip', peer],
  ];
}

/**
 * Headers without those between neighbours, names and order as they came.
 * @param rawHeaders name, value, name, value …
 */
export function endToEndHeaders(rawHeaders: readonly string[]): string[] {
  const named = namedByConnection(rawHeaders);
  return filterHeaders(
    rawHeaders,
    name => !HOP_BY_HOP.has(name) && (!named.has(name) || CREDENTIALS.has(name)),
  );
}

function namedByConnection(rawHeaders: readonly string[]): Set<string> {
  const named = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() !== 'connection') continue;
    for (const name of rawHeaders[i + 1]!.split(',')) named.add(name.trim().toLowerCase());
  }
  return named;
}

function filterHeaders(rawHeaders: readonly string[], keep: (name: string) => boolean): string[] {
  return rawHeaders.filter((_, i) => keep(rawHeaders[i - (i % 2)]!.toLowerCase()));
}
