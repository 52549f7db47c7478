import { addressesWithin } from './ip-address';
import type { Target } from './target';
import { contains, network, type Network, type TargetRule } from './target-rule';

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
