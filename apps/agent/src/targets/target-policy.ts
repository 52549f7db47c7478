import { BlockList, isIP, isIPv4 } from 'node:net';
import { addressesWithin } from './ip-address';
import { canonicalHost, isNotUnicast, type Target } from './target';

/** One entry of an allow or deny list: a network, an address, a name or `*`, on some ports or on all. */
export interface TargetRule {
  /** The entry as written, for messages. */
  readonly text: string;
  /** Absent for a name. */
  readonly network?: Network;
  /** Absent for a network. */
  readonly name?: string;
  /** All ports if absent. */
  readonly ports?: { readonly first: number; readonly last: number };
}

export interface Network {
  /** In canonical form. */
  readonly address: string;
  readonly prefix: number;
  readonly members: BlockList;
}

/** Decides which targets this gateway connects to. */
export interface TargetLists {
  /** If empty, loopback and private networks are allowed. */
  readonly allow: readonly TargetRule[];
  readonly deny: readonly TargetRule[];
}

/**
 * Denied unless an entry of the allow list lies entirely within them. At these addresses, including
 * link-local ones, clouds hand out credentials to any program on the machine. `0.0.0.0/0` in the
 * allow list does not permit them.
 */
const GUARDED: readonly Network[] = [
  network('169.254.0.0', 16),
  network('fe80::', 10),
  network('fd00:ec2::', 32), // Amazon, IPv6
  network('64:ff9b:1::', 48), // local-use NAT64 (RFC 8215): the IPv4 address behind it is unknown
  network('100.100.100.200', 32), // Alibaba
  network('168.63.129.16', 32), // Azure, host agent
  network('192.0.0.192', 32), // Oracle
];

/** The targets of a gateway without an allow list: itself and private networks. */
const PRIVATE: readonly Network[] = [
  network('127.0.0.0', 8),
  network('::1', 128),
  network('10.0.0.0', 8),
  network('172.16.0.0', 12),
  network('192.168.0.0', 16),
  // shared address space of carriers, whose customers are behind NAT (RFC 6598)
  network('100.64.0.0', 10),
  network('fc00::', 7),
];

/**
 * Resolves a host name to its addresses; an empty list if it has none. Rejects if they cannot be
 * determined.
 */
export type Resolve = (name: string) => Promise<string[]>;

/** The gateway's own decision on which targets are permitted. It cannot be overridden remotely. */
export class TargetPolicy {
  constructor(
    private readonly lists: TargetLists,
    private readonly resolve: Resolve,
  ) {}

  /**
   * @param target the requested target
   * @param address one of its addresses in canonical form. The decision is based on this address,
   *   so it is
   *   the same for every spelling and every name of it.
   */
  async permits(target: Target, address: string): Promise<boolean> {
    const within = addressesWithin(address);
    // Systems connect to themselves when given `0.0.0.0` or `::`.
    if (within.some(isNotUnicast)) return false;
    // A denied name that cannot be resolved might have this address.
    const denies = (rule: TargetRule) => this.appliesTo(rule, target, within).catch(() => true);
    if (await anyHolds(this.lists.deny, denies)) return false;
    const applies = (rule: TargetRule) => this.appliesTo(rule, target, within).catch(() => false);
    for (const guarded of GUARDED) {
      if (!within.some(one => contains(guarded, one))) continue;
      const opening = this.lists.allow.filter(
        rule =>
          rule.network &&
          rule.network.prefix >= guarded.prefix &&
          contains(guarded, rule.network.address),
      );
      if (!(await anyHolds(opening, applies))) return false;
    }
    if (this.lists.allow.length > 0) return anyHolds(this.lists.allow, applies);
    return within.every(one => PRIVATE.some(range => contains(range, one)));
  }

  private async appliesTo(
    { text, name, network: rangeOf, ports }: TargetRule,
    target: Target,
    addresses: readonly string[],
  ): Promise<boolean> {
    if (ports && (target.port < ports.first || target.port > ports.last)) return false;
    if (isEverything(text)) return true;
    if (rangeOf) return addresses.some(address => contains(rangeOf, address));
    if (name === undefined) return false;
    if (name === target.host) return true;
    const resolved = await this.resolve(name);
    return addresses.some(address => resolved.includes(address));
  }
}

/** `*` or `*:ports`. It does not permit guarded addresses. */
function isEverything(text: string): boolean {
  return /^\*(?::|$)/.test(text);
}

async function anyHolds<Item>(
  items: readonly Item[],
  holds: (item: Item) => Promise<boolean>,
): Promise<boolean> {
  return (await Promise.all(items.map(holds))).includes(true);
}

/**
 * `host`, `host:port`, `host:first-last`, `[v6]:port`, `v6`; addresses with or without `/prefix`.
 */
const RULE = /^(?:\[([^\]]+)\]|([^:[\]]+)|([^[\]]*:[^[\]]*:[^[\]]*))(?::(\d+)(?:-(\d+))?)?$/;
/** In `[v6]/prefix:port` and `v4/prefix:port` the prefix follows the address. */
const BRACKETED_NETWORK = /^\[([^\]]+)\](\/\d+)/;

/**
 * Parses an entry of an allow or deny list.
 * @returns `undefined` if it is malformed
 */
export function parseTargetRule(text: string): TargetRule | undefined {
  const match = RULE.exec(text.replace(BRACKETED_NETWORK, '[$1$2]'));
  if (!match) return undefined;
  const [, bracketed, plain, ipv6, firstText, lastText] = match;
  const ports =
    firstText === undefined
      ? undefined
      : { first: Number(firstText), last: Number(lastText ?? firstText) };
  if (ports && (ports.first < 1 || ports.first > ports.last || ports.last > 65_535)) {
    return undefined;
  }
  const [hostText = '', prefixText] = (bracketed ?? plain ?? ipv6 ?? '').split('/', 2);
  const rest = { text, ...(ports && { ports }) };
  if (plain === '*') return rest;
  const host = canonicalHost(hostText);
  if (host === undefined || host.includes('*')) return undefined;
  if (isIP(host)) {
    const network = networkOf(host, prefixText, hostText.includes(':'));
    return network && { ...rest, network };
  }
  return prefixText === undefined ? { ...rest, name: host } : undefined;
}

/** @param address in canonical form */
export function network(address: string, prefix: number): Network {
  const members = new BlockList();
  members.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6');
  return { address, prefix, members };
}

/** @param address in canonical form */
export function contains({ members, address: own }: Network, address: string): boolean {
  // Across families, a BlockList also matches mapped addresses, which have been converted to IPv4
  // here.
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
