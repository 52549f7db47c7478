import { BlockList, isIP, isIPv4 } from 'node:net';
import { addressesWithin } from './ip-address';
import { canonicalHost, type Target } from './target';

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

/** What this gateway lets itself be asked to reach. */
export interface TargetLists {
  /** Empty: everything that is not denied. */
  readonly allow: readonly TargetRule[];
  readonly deny: readonly TargetRule[];
}

/**
 * Denied unless an entry of the allow list is about them alone: link-local addresses, at which
 * clouds answer with credentials to whoever asks from the machine, and the other addresses at which
 * clouds do so. `0.0.0.0/0` in the allow list does not open them.
 */
const GUARDED: readonly Network[] = [
  network('169.254.0.0', 16),
  network('fe80::', 10),
  network('fd00:ec2::254', 128), // Amazon, IPv6
  network('100.100.100.200', 32), // Alibaba
  network('168.63.129.16', 32), // Azure, host agent
  network('192.0.0.192', 32), // Oracle
];

/** Finds the addresses of a name that a list holds. */
export type Resolve = (name: string) => Promise<string[]>;

/** The gateway's own word on where tunnels may lead; nobody overrules it from outside. */
export class TargetPolicy {
  constructor(
    private readonly lists: TargetLists,
    private readonly resolve: Resolve,
  ) {}

  /**
   * @param target as it was asked for
   * @param address one of its addresses, in canonical form; the decision is about this one, so
   *   that it is the same for each spelling and each name of it
   */
  async permits(target: Target, address: string): Promise<boolean> {
    const within = addressesWithin(address);
    const about = (rule: TargetRule) => this.isAbout(rule, target, within);
    if (await anyHolds(this.lists.deny, about)) return false;
    for (const guarded of GUARDED) {
      if (!within.some(one => contains(guarded, one))) continue;
      const opening = this.lists.allow.filter(
        rule =>
          rule.network &&
          rule.network.prefix >= guarded.prefix &&
          contains(guarded, rule.network.address),
      );
      if (!(await anyHolds(opening, about))) return false;
    }
    return this.lists.allow.length === 0 || anyHolds(this.lists.allow, about);
  }

  private async isAbout(
    { name, network: rangeOf, port }: TargetRule,
    target: Target,
    addresses: readonly string[],
  ): Promise<boolean> {
    if (port !== undefined && port !== target.port) return false;
    if (rangeOf) return addresses.some(address => contains(rangeOf, address));
    if (name === undefined) return false;
    if (name === target.host) return true;
    const resolved = await this.resolve(name);
    return addresses.some(address => resolved.includes(address));
  }
}

async function anyHolds<Item>(
  items: readonly Item[],
  holds: (item: Item) => Promise<boolean>,
): Promise<boolean> {
  return (await Promise.all(items.map(holds))).includes(true);
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
