import { isIP, isIPv6 } from 'node:net';
import { addressWithLeadingZeros } from '@remote-access/contracts';
import { canonicalAddress } from './ip-address';

/** The target of a tunnel, validated and in canonical form. */
export interface Target {
  /** An address in canonical form, or a lower-case name without a trailing dot. */
  readonly host: string;
  readonly port: number;
  /** The interface of a link-local address (RFC 4007, 11). */
  readonly zone?: string;
}

/** RFC 1035, 2.3.4. */
const MAX_NAME_LENGTH = 255;

/** Maximum number of characters of an invalid value that are shown. */
const MAX_SHOWN = 100;

/** Excludes characters that end a host in one parser but not in another. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[0-9a-f:.]*:[0-9a-f:.]*|[^\p{Cc}\p{Z}@/\\?#:[\]%,<>|^`{}"]+)$/iu;

/**
 * Reads the host and port of an operation. Decimal, octal, hexadecimal and short forms of an IPv4
 * address, full-width digits, IPv6 with or without brackets and IPv4 inside IPv6 are all converted
 * to one form by the rules for URLs (WHATWG URL, "host parsing"), regardless of what the system's
 * resolver accepts.
 *
 * @returns the target, or a text that says what is wrong with it
 */
export function parseTarget(hostname: unknown, port: unknown): Target | string {
  if (typeof hostname !== 'string' || hostname === '') return 'the operation does not name a host';
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    const isPlain = typeof port === 'number' || typeof port === 'string';
    const given = isPlain ? JSON.stringify(port).slice(0, MAX_SHOWN) : typeof port;
    return `the port must be between 1 and 65535, not ${given}`;
  }
  const [, linkLocal = hostname, zone] = ZONED.exec(hostname) ?? [];
  if (addressWithLeadingZeros(hostname) !== undefined) {
    return (
      `${JSON.stringify(hostname)} has numbers with leading zeros, which some systems read as ` +
      'octal: write it without them'
    );
  }
  const host = canonicalHost(linkLocal);
  if (host === undefined) {
    return `${JSON.stringify(hostname.slice(0, MAX_SHOWN))} is not a host name or address`;
  }
  if (isIP(host) && isNotUnicast(host)) return `${host} is not the address of a host`;
  return { host, port, ...(zone === undefined ? {} : { zone }) };
}

/** Only link-local addresses have a zone. */
const ZONED = /^(fe[89ab][0-9a-f]:[0-9a-f:]+)%([\w.-]{1,32})$/i;

/** The canonical form of a host name or address; `undefined` if it is neither. */
export function canonicalHost(hostname: string): string | undefined {
  if (hostname.length > MAX_NAME_LENGTH || !HOST.test(hostname)) return undefined;
  if (addressWithLeadingZeros(hostname) !== undefined) return undefined;
  const bracketed = hostname.includes(':') && !hostname.startsWith('[');
  const url = `http://${bracketed ? `[${hostname}]` : hostname}`;
  if (!URL.canParse(url)) return undefined;
  const bare = new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return canonicalAddress(bare) ?? (bare || undefined);
}

/** `10.0.0.5:22`, `[fd00::1]:22`, `plc.local:22 (10.0.0.5)`. */
export function describeTarget({ host, port, zone }: Target, address?: string): string {
  const scoped = zone === undefined ? host : `${host}%${zone}`;
  const where = `${isIPv6(host) ? `[${scoped}]` : host}:${port}`;
  return address === undefined || isIP(host) ? where : `${where} (${address})`;
}

/** "This network", multicast and broadcast (RFC 1122, 3.2.1.3; RFC 4291, 2.5.2 and 2.7). */
export function isNotUnicast(address: string): boolean {
  return /^(?:0\.|22[4-9]\.|23\d\.|2[45]\d\.|::$|ff)/.test(address);
}
