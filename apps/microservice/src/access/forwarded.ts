import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import type { Settings } from '../settings/settings';

/**
 * The origin under which the caller reached us, e.g. `https://tenant.example.com`. Forwarded
 * headers count only from TRUSTED_PROXIES; anybody else could claim any host.
 */
export function publicOrigin(
  request: IncomingMessage,
  settings: Pick<Settings, 'trustedProxies'>,
): string {
  const trusted = isTrusted(request.socket.remoteAddress ?? '', settings);
  const forwarded = (name: string): string | undefined =>
    trusted ? nearest(request.headers[name]) : undefined;
  const encrypted = 'encrypted' in request.socket && request.socket.encrypted === true;
  const scheme = forwarded('x-forwarded-proto') ?? (encrypted ? 'https' : 'http');
  const host = forwarded('x-forwarded-host') ?? request.headers.host ?? '';
  const address = `${scheme}://${host}`;
  // Through URL: lower case, and without the port that the scheme has anyway, as in Origin.
  return URL.canParse(address) ? new URL(address).origin : 'null';
}

function isTrusted(address: string, { trustedProxies }: Pick<Settings, 'trustedProxies'>): boolean {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(mapped)) return trustedProxies.check(mapped, 'ipv4');
  return isIPv6(mapped) && trustedProxies.check(mapped, 'ipv6');
}

/** Of a list the last value: only the nearest proxy is known to be trusted. */
function nearest(header: string | string[] | undefined): string | undefined {
  const values = [header ?? []].flat().join(',').split(',');
  return values.at(-1)?.trim() || undefined;
}
