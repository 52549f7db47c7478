import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * The names of a platform that listens on 127.0.0.1. `*.localhost` is not among them: outside
 * browsers, the network's DNS resolves such names like any other.
 */
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** `host` or `host:port`, where the host is a name, an IPv4 address, or an IPv6 address in brackets. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{0,5})?$/;

const WHERE =
  'To reach it under another name, set ALLOWED_ORIGINS (docs/emulator-differences.md).\n';

const REFUSALS = {
  foreignHost: {
    status: '421 Misdirected Request',
    text: `This is a local platform. It answers at 127.0.0.1 and localhost only. ${WHERE}`,
  },
  foreignOrigin: {
    status: '403 Forbidden',
    text: `This is a local platform. Pages of other origins cannot use it. ${WHERE}`,
  },
} as const;

export type AddressRefusal = (typeof REFUSALS)[keyof typeof REFUSALS];

/**
 * Decides which addresses are this platform's own. To a browser, a web page on a name that resolves
 * to 127.0.0.1 has the same origin as the platform under that name (DNS rebinding), so a request is
 * answered only if `Host` is one of the platform's names. The port does not matter, because ports
 * are forwarded, and some clients send none.
 */
export class OwnHosts {
  private readonly names: ReadonlySet<string>;
  private readonly origins: Set<string>;

  /** @param allowedOrigins origins of other pages and proxies, e.g. `https://stack.example.com` */
  constructor(allowedOrigins: readonly string[] = []) {
    const named = allowedOrigins.map(origin => new URL(origin).hostname);
    this.names = new Set([...LOOPBACK_NAMES, ...named]);
    this.origins = new Set(allowedOrigins);
  }

  /** Adds the origins of pages that are loaded from this port. */
  listenOn(scheme: 'http' | 'https', port: number): void {
    for (const name of LOOPBACK_NAMES) {
      this.origins.add(new URL(`${scheme}://${name}:${port}`).origin);
    }
  }

  /**
   * @returns why a request must not be answered, regardless of the caller; `undefined` if it may be
   */
  refusalOf(request: IncomingMessage): AddressRefusal | undefined {
    const host = hostOf(request);
    const [, name = ''] = HOST.exec(host) ?? [];
    const scheme = 'encrypted' in request.socket ? 'https' : 'http';
    const own = `${scheme}://${host}`;
    if (!this.names.has(name) || !URL.canParse(own)) return REFUSALS.foreignHost;
    const { origin } = request.headers;
    if (origin === undefined || this.origins.has(origin) || origin === new URL(own).origin) {
      return undefined;
    }
    return REFUSALS.foreignOrigin;
  }
}

/**
 * In lower case; empty if there is no `Host`, more than one, or a different host in the request
 * target.
 */
function hostOf({ rawHeaders, url = '' }: IncomingMessage): string {
  const hosts = rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === 'host',
  );
  return hosts.length === 1 && url.startsWith('/') ? hosts[0]!.toLowerCase() : '';
}

/** Answers a request and closes its connection, without reading the body. */
export function refuse(response: ServerResponse, { status, text }: AddressRefusal): void {
  response.writeHead(Number.parseInt(status), {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  });
  response.end(text);
}

/** Answers an upgrade and closes its connection. */
export function refuseUpgrade(socket: Duplex, { status, text }: AddressRefusal): void {
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(text)}\r\n` +
      `Connection: close\r\n\r\n${text}`,
  );
  socket.resume();
}
