import { isIP, isIPv6 } from 'node:net';
import { canonicalAddress } from './ip-address';

/** Where a tunnel is to lead: valid, and in one spelling. */
export interface Target {
  /** An address in canonical form, or a name in lower case without a dot at the end. */
  readonly host: string;
  readonly port: number;
}

/** RFC 1035, 2.3.4. */
const MAX_NAME_LENGTH = 255;

/** Whatever else could end a host in one parser and continue it in another. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[0-9a-f:.]*:[0-9a-f:.]*|[^\p{Cc}\p{Z}@/\\?#:[\]%,<>|^`{}"]+)$/iu;

/**
 * Reads host and port of an operation. Decimal, octal, hexadecimal and short forms of an IPv4
 * address, wide digits, IPv6 with or without brackets, IPv4 inside IPv6: all become one spelling,
 * by the rules that URLs have (WHATWG URL, "host parsing"), whatever the system's resolver takes.
 *
 * @returns the target, or what is wrong with it
 */
export function parseTarget(hostname: unknown, port: unknown): Target | string {
  if (typeof hostname !== 'string' || hostname === '') return 'the operation names no host';
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    return `the port must be between 1 and 65535, not ${JSON.stringify(port)}`;
  }
  const host = canonicalHost(hostname);
  if (host === undefined) return `${JSON.stringify(hostname)} is no host name or address`;
  if (isIP(host) && isNoHost(host)) return `${host} is not the address of a host`;
  return { host, port };
}

/** One spelling of a host name or address; `undefined` where it is neither. */
export function canonicalHost(hostname: string): string | undefined {
  if (hostname.length > MAX_NAME_LENGTH || !HOST.test(hostname)) return undefined;
  const bracketed = hostname.includes(':') && !hostname.startsWith('[');
  const url = `http://${bracketed ? `[${hostname}]` : hostname}`;
  if (!URL.canParse(url)) return undefined;
  const bare = new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return canonicalAddress(bare) ?? (bare || undefined);
}

/** `10.0.0.5:22`, `[fd00::1]:22`, `plc.local:22 (10.0.0.5)`. */
export function describeTarget({ host, port }: Target, address?: string): string {
  const where = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return address === undefined || isIP(host) ? where : `${where} (${address})`;
}

/** "This network", multicast and broadcast (RFC 1122, 3.2.1.3; RFC 4291, 2.5.2 and 2.7). */
function isNoHost(address: string): boolean {
  return /^(?:0\.|22[4-9]\.|23\d\.|2[45]\d\.|::$|ff)/.test(address);
}
