import { isIPv4, isIPv6 } from 'node:net';
import type { Settings } from './settings';

type ProxySettings = Pick<Settings, 'trustedProxies'>;

/** Where a request came from, according to its headers and its connection. */
export interface SentFrom {
  /** The peer's IP address. */
  readonly peer: string;
  /** `X-Forwarded-For`, or else `X-Real-IP`; the nearest proxy's entry comes last. */
  readonly forwardedFor: string;
  /** `X-Forwarded-Host`; the nearest proxy's entry comes last. */
  readonly forwardedHost: string;
}

/** A host name or address, with or without a port. */
const HOST = /^[\w.:[\]-]{1,255}$/;

/**
 * Whether forwarded headers from this address are trusted. IPv4 addresses may be mapped
 * (`::ffff:…`).
 */
export function isTrustedProxy(address: string, { trustedProxies }: ProxySettings): boolean {
  const plain = unmapped(address);
  if (isIPv4(plain)) return trustedProxies.check(plain, 'ipv4');
  return isIPv6(plain) && trustedProxies.check(plain, 'ipv6');
}

/**
 * The client's address: among the addresses forwarded by trusted proxies, the nearest one that is
 * not itself a trusted proxy. Anyone else could claim any address.
 * @returns `undefined` if no trusted proxy forwarded one
 */
export function clientAddress(from: SentFrom, settings: ProxySettings): string | undefined {
  if (!isTrustedProxy(from.peer, settings)) return undefined;
  for (const entry of from.forwardedFor.split(',').reverse()) {
    const address = unmapped(entry.trim());
    if (!isIPv4(address) && !isIPv6(address)) return undefined;
    if (!isTrustedProxy(address, settings)) return address;
  }
  return undefined;
}

/** The host that the client addressed, if a trusted proxy forwarded it. */
export function forwardedHost(from: SentFrom, settings: ProxySettings): string | undefined {
  if (!isTrustedProxy(from.peer, settings)) return undefined;
  const host = from.forwardedHost.split(',').at(-1)?.trim() ?? '';
  return HOST.test(host) ? host : undefined;
}

function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
