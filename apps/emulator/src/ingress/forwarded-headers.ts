import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** The server that a request is forwarded to. */
export interface Upstream {
  /** `host:port` for the `Host` header. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  /** Path and query for the upstream server. */
  readonly path: string;
  /** The prefix that was stripped from the caller's path. */
  readonly prefix: string;
  /** Sent if the caller sent no `Authorization` header. */
  readonly standIn: string | undefined;
  /**
   * Whether the headers are those in the platform's documentation: the protocol is always `http`,
   * and the caller's address is in `X-Real-Ip` only.
   */
  readonly asHosted: boolean;
  /** Added unchanged. */
  readonly optionHeaders: Readonly<Record<string, string>>;
}

/** Hop-by-hop headers (RFC 9110, 7.6.1, and those of older software). */
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

/** Headers about the caller that only the ingress may set. */
const SET_BY_INGRESS = /^(?:forwarded|x-forwarded-.*|x-real-ip)$/;

/** Always forwarded, even if `Connection` lists them. */
const CREDENTIALS = new Set(['authorization', 'cookie', 'x-xsrf-token', 'tfatoken']);

/**
 * The headers that the microservice receives: the caller's own, the microservice's `Host`, and
 * `X-Forwarded-*` and `X-Real-Ip`, which replace those that the caller sent.
 */
export function forwardedHeaders(
  request: IncomingMessage,
  { host, prefix, standIn, asHosted, optionHeaders }: Upstream,
): string[] {
  const { socket } = request;
  const protocol = (socket as TLSSocket).encrypted && !asHosted ? 'https' : 'http';
  const addsStandIn = standIn !== undefined && request.headers.authorization === undefined;
  const peer = socket.remoteAddress ?? '';
  const kept = filterHeaders(
    endToEndHeaders(request.rawHeaders),
    // Node has already answered `Expect`.
    name => name !== 'host' && name !== 'expect' && !SET_BY_INGRESS.test(name),
  );
  return [
    ...['Host', host],
    ...kept,
    ...(addsStandIn ? ['Authorization', standIn] : []),
    ...['X-Forwarded-Host', request.headers.host ?? ''],
    ...['X-Forwarded-Proto', protocol],
    ...['X-Forwarded-Prefix', prefix],
    ...(asHosted ? [] : ['X-Forwarded-For', peer]),
    ...['X-Real-Ip', peer],
    ...Object.entries(optionHeaders).flat(),
  ];
}

/**
 * Removes hop-by-hop headers; spelling and order of the others are unchanged.
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
