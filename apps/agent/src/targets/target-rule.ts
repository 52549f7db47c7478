import { BlockList, isIP, isIPv4 } from 'node:net';
import { canonicalHost } from './target';

/** One entry of a list: a network, an address or a name, on one port or on all. */
export interface TargetRule {
  /** As it was written, for messages. */
  readonly text: string;
  /** Undefined for a name. */
  readonly network?: Network;
  /** Undefined for a network. */
  readonly name?: string;
  readonly port?: number;
}

export interface Network {
  /** In canonical form. */
  readonly address: string;
  readonly prefix: number;
  readonly members: BlockList;
}

/** `host`, `host:port`, `[v6]:port`, `v6`, each address with or without `/prefix`. */
const RULE = /^(?:\[([^\]]+)\]|([^:[\]]+)|([^[\]]*:[^[\]]*:[^[\]]*))(?::(\d+))?$/;
/** `[v6]/prefix:port` and `v4/prefix:port` put the prefix behind the address. */
const BRACKETED_NETWORK = /^\[([^\]]+)\](\/\d+)/;

/**
 * Reads an entry of an allow or deny list.
 * @returns the rule; `undefined` where it is none
 */
export function parseTargetRule(text: string): TargetRule | undefined {
  const match = RULE.exec(text.replace(BRACKETED_NETWORK, '[$1$2]'));
  if (!match) return undefined;
  const [, bracketed, plain, ipv6, portText] = match;
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const [hostText = '', prefixText] = (bracketed ?? plain ?? ipv6 ?? '').split('/', 2);
  const host = canonicalHost(hostText);
  if (host === undefined) return undefined;
  const rest = { text, ...(port !== undefined && { port }) };
  if (isIP(host)) {
    const network = networkOf(host, prefixText, hostText.includes(':'));
    return network && { ...rest, network };
  }
  return prefixText === undefined ? { ...rest, name: host } : undefined;
}

/** A network of addresses written in this program. */
export function network(address: string, prefix: number): Network {
  const members = new BlockList();
  members.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6');
  return { address, prefix, members };
}

/** @param address in canonical form */
export function contains({ members, address: own }: Network, address: string): boolean {
  // Asked across families, a BlockList answers for mapped addresses; those are canonical here.
  return (
    isIPv4(own) === isIPv4(address) && members.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  );
}

function networkOf(
  host: string,
  prefixText: string | undefined,
  writtenAsIpv6: boolean,
): Network | undefined {
  const bits = isIPv4(host) ? 32 : 128;
  if (prefixText === undefined) return network(host, bits);
  if (!/^\d{1,3}$/.test(prefixText)) return undefined;
  // `::ffff:10.0.0.0/104` is 10.0.0.0/8.
  const prefix = Number(prefixText) - (bits === 32 && writtenAsIpv6 ? 96 : 0);
  return prefix >= 0 && prefix <= bits ? network(host, prefix) : undefined;
}
