import { createHmac } from 'node:crypto';
import { hasArmour, keyComment } from './key-text';
import { looksLikeKeyType } from '../keys/key-type';
import { PublicKey } from '../keys/public-key';
import { readPublicLine, readPublicText } from './public-key-text';
import { refusedKey, unknownHostKey } from '../wire/key-errors';

/** A server whose key is wanted. */
export interface ServerAddress {
  readonly hostname: string;
  readonly port: number;
}

/** A host key, with the names that known_hosts has for its server. */
export interface HostKeyLine {
  readonly key: PublicKey;
  readonly hosts: readonly string[];
  readonly comment: string;
}

/** A server has a key for each of its algorithms; a whole known_hosts file is something else. */
const MAX_LINES = 500;
const MAX_KEYS = 16;
const SSH_PORT = 22;
const HASH_MARK = '|1|';

/**
 * Reads the keys of a server: a public key in any format, several lines, or lines of known_hosts
 * (sshd(8), SSH_KNOWN_HOSTS). Lines that name hosts are narrowed to those of the server, so that
 * a whole file does not make the keys of other machines good for this one.
 * @param server what the keys are for, where that is known
 * @throws RemoteAccessError `invalid-key`
 */
export function readHostKeys(lines: readonly string[], server?: ServerAddress): HostKeyLine[] {
  const used = lines.filter(line => line !== '' && !line.startsWith('#'));
  const [first = ''] = used;
  const isLine = /\s/.test(first) && !hasArmour(lines) && !first.startsWith('PuTTY-User-Key');
  if (!isLine) {
    const { blob, comment } = readPublicText(lines, 'host key', unknownHostKey);
    return [{ key: PublicKey.fromBlob(blob), hosts: [], comment }];
  }
  if (used.length > MAX_LINES) {
    throw refusedKey(`There are ${used.length} lines; give those of this server.`);
  }
  const keys = chosen(distinct(used.map(readLine)), server);
  if (keys.length <= MAX_KEYS) return keys;
  throw refusedKey(`There are ${keys.length} host keys; a server has at most ${MAX_KEYS}.`);
}

/** One line for each key, as an endpoint stores them. */
export function normalHostKeys(keys: readonly HostKeyLine[]): string {
  return keys.map(({ key, comment }) => key.line(keyComment(comment))).join('\n');
}

function readLine(line: string): HostKeyLine {
  const [first = '', second = ''] = line.split(/\s+/, 2);
  if (first.startsWith('@')) throw refusedMarker(first);
  // The names come first where there are any; a server may be called `ssh-gateway`.
  const named = looksLikeKeyType(second);
  if (!named && !looksLikeKeyType(first)) throw unknownHostKey();
  const { blob, comment } = readPublicLine(named ? line.slice(first.length).trim() : line);
  return { key: PublicKey.fromBlob(blob), hosts: named ? first.split(',') : [], comment };
}

function refusedMarker(marker: string): Error {
  switch (marker) {
    case '@cert-authority':
      return refusedKey(
        'A line is marked @cert-authority: host certificates are not checked yet. Give the ' +
          "server's own key.",
      );
    case '@revoked':
      return refusedKey('A line is marked @revoked: a revoked key must not be trusted. Remove it.');
    default:
      return unknownHostKey();
  }
}

/** The same key under several names is one key. */
function distinct(lines: readonly HostKeyLine[]): HostKeyLine[] {
  const byKey = new Map<string, HostKeyLine>();
  for (const line of lines) {
    const id = line.key.sha256;
    const before = byKey.get(id);
    byKey.set(id, before ? { ...before, hosts: [...before.hosts, ...line.hosts] } : line);
  }
  return [...byKey.values()];
}

function chosen(lines: HostKeyLine[], server: ServerAddress | undefined): HostKeyLine[] {
  if (!server || lines.length === 1) return lines;
  const matching = lines.filter(({ hosts }) => hosts.some(host => isNameOf(host, server)));
  if (matching.length > 0) return matching;
  // The gateway may know the server under another name: good as long as all lines mean one server.
  const names = new Set(lines.map(({ hosts }) => [...new Set(hosts)].sort().join(',')));
  const isHashed = lines.some(({ hosts }) => hosts.some(host => host.startsWith(HASH_MARK)));
  if (names.size === 1 && !isHashed) return lines;
  throw refusedKey(
    `None of the known_hosts lines names ${server.hostname}, and they may be those of different ` +
      'servers. Give the lines of this server, without the names in front.',
  );
}

function isNameOf(host: string, { hostname, port }: ServerAddress): boolean {
  const name = hostname.toLowerCase();
  const written = [`[${name}]:${port}`, ...(port === SSH_PORT ? [name] : [])];
  if (!host.startsWith(HASH_MARK)) return written.includes(host.toLowerCase());
  const [salt = '', digest = ''] = host.slice(HASH_MARK.length).split('|');
  const hash = (text: string): string =>
    createHmac('sha1', Buffer.from(salt, 'base64')).update(text).digest('base64');
  return written.some(one => hash(one) === digest);
}
