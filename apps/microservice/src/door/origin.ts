import type { IncomingMessage } from 'node:http';
import { type Refusal, RemoteAccessError } from '@remote-access/contracts';
import type { Settings } from '../settings/settings';
import { isTrustedProxy } from '../settings/trusted-proxies';

export type OriginSettings = Pick<Settings, 'hosted' | 'trustedProxies' | 'allowedOrigins'>;

/**
 * The origin of the page that asks for a WebSocket. Browsers let any page open one to any host,
 * with cookies, and only report the page's origin: if `Origin` is present, it must equal our own or
 * a configured one. Programs send none; a cookie alone does not authenticate them.
 *
 * Where the platform hosts the service, a page's scheme and port are not compared: the ingress
 * forwards the tenant's host, but may say `http` where the browser said `https`.
 *
 * @returns the origin, our own if the header is absent; `foreign-origin`
 */
export function originOf(request: IncomingMessage, settings: OriginSettings): string | Refusal {
  const own = publicOrigin(request, settings);
  const { origin } = request.headers;
  if (origin === undefined) return own;
  if (settings.hosted && isPage(origin) && hostOrigin(origin) === own) return own;
  const allowed = own === 'null' ? settings.allowedOrigins : [own, ...settings.allowedOrigins];
  return allowed.includes(origin) ? origin : new RemoteAccessError('foreign-origin');
}

/**
 * The origin under which the caller reached us, e.g. `https://tenant.example.com`; where the
 * platform hosts the service, always with `https` and without a port. Forwarded headers count only
 * from trusted proxies: anyone else could claim any host.
 */
export function publicOrigin(
  request: IncomingMessage,
  settings: Pick<Settings, 'hosted' | 'trustedProxies'>,
): string {
  const trusted = isTrustedProxy(request.socket.remoteAddress ?? '', settings);
  const forwarded = (name: string): string | undefined =>
    trusted ? nearest(request.headers[name]) : undefined;
  const encrypted = 'encrypted' in request.socket && request.socket.encrypted === true;
  const scheme = forwarded('x-forwarded-proto') ?? (encrypted ? 'https' : 'http');
  const host = forwarded('x-forwarded-host') ?? request.headers.host ?? '';
  const address = `${scheme}://${host}`;
  if (!URL.canParse(address)) return 'null';
  // URL normalizes as browsers do in Origin: lower case, no default port.
  return settings.hosted ? hostOrigin(address) : new URL(address).origin;
}

/** Whether an `Origin` header names the origin of a web page and nothing else. */
function isPage(origin: string): boolean {
  return /^https?:\/\//.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
}

/** One value for all schemes and ports of a host. */
function hostOrigin(address: string): string {
  const { hostname } = new URL(address);
  return hostname === '' ? 'null' : `https://${hostname}`;
}

/** The last value of a list: only the nearest proxy is known to be trusted. */
function nearest(header: string | string[] | undefined): string | undefined {
  const values = [header ?? []].flat().join(',').split(',');
  return values.at(-1)?.trim() || undefined;
}
