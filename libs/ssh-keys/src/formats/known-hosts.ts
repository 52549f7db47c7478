import { createHmac } from 'node:crypto';
import { looksLikeKeyType } from '../keys/key-type';
import { PublicKey } from '../keys/public-key';
import { invalidKey, unrecognizedHostKey } from '../wire/key-errors';
import { hasPemBlock, keyComment } from './key-text';
import { readPublicKeyLine, readPublicKeyText } from './public-key-text';

/** The server that the host keys are for. */
export interface ServerAddress {
  readonly hostname: string;
  readonly port: number;
}

/** A host key with the names of its server in known_hosts. */
export interface HostKeyLine {
  readonly key: PublicKey;
  readonly hosts: readonly string[];
  readonly comment: string;
}

/** A server has one key per algorithm; a whole known_hosts file must be narrowed first. */
const MAX_LINES = 500;
const MAX_KEYS = 16;
const SSH_PORT = 22;
const HASH_MARK = '|1|';

/**
 * Reads a server's host keys: a public key in any format, several lines, or lines of known_hosts
 * (sshd(8), SSH_KNOWN_HOSTS_FILE_FORMAT). Lines with host names are narrowed to those of the
 * server, so that a whole file does not make other machines' keys trusted for this one.
 * @param server omitted when unknown
 * @throws RemoteAccessError `invalid-key`
 */
export function readHostKeys(lines: readonly string[], server?: ServerAddress): HostKeyLine[] {
  const used = lines.filter(line => line !== '' && !line.startsWith('#'));
  const [first = ''] = used;
  const isLine = /\s/.test(first) && !hasPemBlock(lines) && !first.startsWith('PuTTY-User-Key');
  if (!isLine) {
    const { blob, comment } = readPublicKeyText(lines, 'host key', unrecognizedHostKey);
    return [{ key: PublicKey.fromBlob(blob), hosts: [], comment }];
  }
  if (used.length > MAX_LINES) {
    throw invalidKey(`There are ${used.length} lines; give only those of this server.`);
  }
  const keys = narrowTo(mergeEqualKeys(used.map(readLine)), server);
  if (keys.length <= MAX_KEYS) return keys;
  throw invalidKey(`There are ${keys.length} host keys; a server has at most ${MAX_KEYS}.`);
}

/** One line per key, as an endpoint stores them. */
export function normalizedHostKeys(keys: readonly HostKeyLine[]): string {
  return keys.map(({ key, comment }) => key.line(keyComment(comment))).join('\n');
}

function readLine(line: string): HostKeyLine {
  const [first = '', second = ''] = line.split(/\s+/, 2);
  if (first.startsWith('@')) throw unsupportedMarker(first);
  // Names, if any, come first; a server may be called `ssh-gateway`.
  const named = looksLikeKeyType(second);
  if (!named && !looksLikeKeyType(first)) throw unrecognizedHostKey();
  const { blob, comment } = readPublicKeyLine(named ? line.slice(first.length).trim() : line);
  return { key: PublicKey.fromBlob(blob), hosts: named ? first.split(',') : [], comment };
}

function unsupportedMarker(marker: string): Error {
  switch (marker) {
    case '@cert-authority':
      return invalidKey(
        'A line is marked @cert-authority: host certificates are not checked yet. Give the ' +
          "server's own key.",
      );
    case '@revoked':
      return invalidKey('A line is marked @revoked: a revoked key must not be trusted. Remove it.');
    default:
      return unrecognizedHostKey();
  }
}

function mergeEqualKeys(lines: readonly HostKeyLine[]): HostKeyLine[] {
  const byKey = new Map<string, HostKeyLine>();
  for (const line of lines) {
    const id = line.key.sha256;
    const before = byKey.get(id);
    byKey.set(id, before ? { ...before, hosts: [...before.hosts, ...line.hosts] } : line);
  }
  return [...byKey.values()];
}

function narrowTo(lines: HostKeyLine[], server: ServerAddress | undefined): HostKeyLine[] {
  if (!server || lines.length === 1) return lines;
  const matching = lines.filter(({ hosts }) => hosts.some(host => isNameOf(host, server)));
  if (matching.length > 0) return matching;
  // The gateway may know the server by another name, so lines that all name one server are accepted.
  const names = new Set(lines.map(({ hosts }) => [...new Set(hosts)].sort().join(',')));
  const isHashed = lines.some(({ hosts }) => hosts.some(host => host.startsWith(HASH_MARK)));
  if (names.size === 1 && !isHashed) return lines;
  throw invalidKey(
    `None of the known_hosts lines names ${server.hostname}, and they may belong to different ` +
      'servers. Give only the lines of this server, without host names.',
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
