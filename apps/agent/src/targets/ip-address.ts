import { isIPv4, isIPv6 } from 'node:net';

/**
 * Converts an IP address to canonical form: IPv6 as in RFC 5952, without a zone; an IPv4-mapped
 * IPv6 address as the IPv4 address.
 *
 * @returns `undefined` if the text is not an address
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const groups = groupsOf(text);
  const isMapped = groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff;
  return isMapped ? dotted(groups[6]!, groups[7]!) : compressed(text);
}

/**
 * The address itself and the IPv4 address embedded in it, if any: IPv4-compatible (RFC 4291,
 * 2.5.5.1), IPv4-translated (RFC 2765, 2.1), NAT64 (RFC 6052) and 6to4 (RFC 3056) addresses are
 * routed to an IPv4 address.
 *
 * @param address in canonical form
 */
export function addressesWithin(address: string): string[] {
  if (isIPv4(address)) return [address];
  const groups = groupsOf(address);
  const leading = groups
    .slice(0, 6)
    .map(group => group.toString(16))
    .join(':');
  const isCompatible = leading === '0:0:0:0:0:0' && groups[6] !== 0;
  if (isCompatible || leading === '64:ff9b:0:0:0:0' || leading === '0:0:0:0:ffff:0') {
    return [address, dotted(groups[6]!, groups[7]!)];
  }
  if (groups[0] === 0x2002) return [address, dotted(groups[1]!, groups[2]!)];
  return [address];
}

function compressed(ipv6: string): string {
  return new URL(`http://[${withoutZone(ipv6)}]`).hostname.slice(1, -1);
}

function groupsOf(ipv6: string): number[] {
  const [head = '', tail] = compressed(ipv6).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = !tail ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(zeros).fill('0'), ...right].map(group => parseInt(group, 16));
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}
