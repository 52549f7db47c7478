import { isIP, isIPv6 } from 'node:net';

/** A label of letters and digits of any script, "-" and "_": plant networks do not always use DNS. */
const NAME = /^[\p{L}\p{N}_]([\p{L}\p{M}\p{N}_-]*[\p{L}\p{M}\p{N}_])?$/u;

/** RFC 4007 11: `fe80::1%eth0`. */
const ZONED = /^([0-9a-f:.]+)%[\w.-]{1,32}$/i;

/** The unspecified address, in the forms that URL normalises every spelling of it to. */
const UNSPECIFIED = new Set(['0.0.0.0', '[::]', '[::ffff:0:0]']);

/**
 * Why a text is not a host that a gateway could dial; `undefined` if it is one. Which hosts may be
 * dialled is the gateway's decision.
 */
export function hostNameProblem(host: string): string | undefined {
  const zoned = ZONED.exec(host)?.[1];
  const address = zoned !== undefined && isIPv6(zoned) ? zoned : host;
  // URL parses like a resolver: `0`, `0x0` and `0.0` are 0.0.0.0, and 1.2.3.256 is invalid.
  const url = `http://${isIPv6(address) ? `[${address}]` : address}/`;
  if ((isIP(address) === 0 && !isName(address)) || !URL.canParse(url)) {
    return 'is not a host name or an IP address';
  }
  return UNSPECIFIED.has(new URL(url).hostname) ? 'is the unspecified address' : undefined;
}

function isName(text: string): boolean {
  return text
    .replace(/\.$/, '')
    .split('.')
    .every(label => label.length <= 63 && NAME.test(label));
}
