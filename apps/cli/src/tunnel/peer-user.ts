import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** The table of this network namespace (proc(5)); elsewhere there is none. */
const TABLE = '/proc/net/tcp';

const ROOT = 0;

/**
 * Whether a connection over loopback comes from a program of the same user. A port on loopback is open
 * to every user of the machine, and a forwarded endpoint may need no password of its own.
 *
 * @returns `true` where the system does not tell
 */
export function isOwnUser({ remoteAddress, remotePort, localPort }: Socket): boolean {
  const own = process.getuid?.();
  if (process.platform !== 'linux' || own === undefined) return true;
  const user = userOf(readTable(), remoteAddress, remotePort, localPort);
  return user === undefined || user === own || user === ROOT;
}

/** @returns the user id of the program at the other end, if the table has it */
export function userOf(
  table: string,
  address: string | undefined,
  port: number | undefined,
  peerPort: number | undefined,
): number | undefined {
  if (address === undefined || port === undefined || peerPort === undefined) return undefined;
  const local = `${littleEndianHex(address)}:${hex(port)}`;
  for (const line of table.split('\n')) {
    const [, from, to, , , , , user] = line.trim().split(/\s+/);
    if (from === local && to?.endsWith(`:${hex(peerPort)}`)) return Number(user);
  }
  return undefined;
}

function readTable(): string {
  try {
    return readFileSync(TABLE, 'utf8');
  } catch {
    return '';
  }
}

/** The table has addresses in the byte order of the machine, which is little endian where Node runs. */
function littleEndianHex(address: string): string {
  const bytes = address.replace(/^::ffff:/, '').split('.');
  return bytes
    .reverse()
    .map(byte => Number(byte).toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
