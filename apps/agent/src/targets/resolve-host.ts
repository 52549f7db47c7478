import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { canonicalAddress } from './ip-address';

/**
 * The addresses of a host in canonical form, in the order in which the system would try them.
 * @returns none where the name has none
 */
export async function resolveHost(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map(({ address }) => canonicalAddress(address) ?? address))];
  } catch (cause) {
    // The resolver says in many codes that it has no address to give.
    if ((cause as NodeJS.ErrnoException).syscall === 'getaddrinfo') return [];
    throw cause;
  }
}
