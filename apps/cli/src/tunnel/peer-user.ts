import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** The table of this network namespace (proc(5)); it exists on Linux only. */
const TABLE = '/proc/net/tcp';

const ROOT = 0;

/**
 * Whether a loopback connection comes from a program of the same user. Any user of the machine can
 * connect to a loopback port, and a forwarded endpoint may need no password of its own.
 *
 * @returns `true` if the system cannot tell
 */
export function isOwnUser({ remoteAddress, remotePort, localPort }: Socket): boolean {
  const own = process.getuid?.();
  if (process.platform !== 'linux' || own === undefined) return true;
  const user = userOf(readTable(), remoteAddress, remotePort, localPort);
  return user === undefined || user === own || user === ROOT;
}

/** @returns the user id of the program at the other end, if the table lists it */
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

/**
 * The table contains addresses in the machine's byte order, which is little-endian wherever Node
 * runs.
 */
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
