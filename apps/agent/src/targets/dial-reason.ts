import { isIP, isIPv6 } from 'node:net';
import type { Target } from './target';

/** Not the system's code but the gateway's own. */
export const DENIED = 'DENIED';

/**
 * Why a target could not be connected, for the person who wanted it.
 *
 * @param code of the system
 * @param address the one that was dialled, where the target is a name
 */
export function dialReason(code: string, target: Target, address?: string): string {
  const where = describeTarget(target, address);
  switch (code) {
    case 'ECONNREFUSED':
      return `connection refused by ${where}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return `no route to ${where}`;
    case 'EHOSTDOWN':
      return `${where} is down`;
    case 'ETIMEDOUT':
      return `no answer from ${where} in time`;
    case 'ECONNRESET':
      return `connection reset by ${where}`;
    case 'EACCES':
    case 'EPERM':
      return `the gateway's own system does not let it connect to ${where}`;
    case 'EMFILE':
    case 'ENFILE':
      return 'the gateway has too many connections open';
    case 'ENOTFOUND':
      return `cannot resolve host name ${target.host}`;
    case DENIED:
      return `target ${where} is denied by this gateway's configuration`;
    default:
      return `cannot connect to ${where}: ${code}`;
  }
}

/** `10.0.0.5:22`, `[fd00::1]:22`, `plc.local:22 (10.0.0.5)`. */
export function describeTarget({ host, port }: Target, address?: string): string {
  const where = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return address === undefined || isIP(host) ? where : `${where} (${address})`;
}
