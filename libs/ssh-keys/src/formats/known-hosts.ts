import { createHmac } from 'node:crypto';
import { isRefusal } from '@remote-access/contracts';
import { MAX_HOST_KEYS, REVOKED } from '../keys/host-key';
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

/** The keys of a server in a pasted text. */
export interface GivenHostKeys {
  readonly trusted: readonly HostKeyLine[];
  /** Marked `@revoked`: a server that presents one is refused. */
  readonly revoked: readonly HostKeyLine[];
  /** Why lines are not used, each with its line number. */
  readonly skipped: readonly string[];
}

/** A server has one key per algorithm; an entire known_hosts file must be narrowed down first. */
const MAX_LINES = 500;

/** A file with more unusable lines is a different kind of file. */
const MAX_SKIPPED = 50;

const SSH_PORT = 22;
const HASH_MARK = '|1|';

/**
 * Reads a server's host keys: a public key in any format, several lines, or lines of known_hosts
 * (sshd(8), SSH_KNOWN_HOSTS_FILE_FORMAT). Lines with host names are narrowed down to those of the
 * server, so that pasting a whole file does not make other machines' keys trusted for this one. Of
 * several lines, those that cannot be used are left out and reported.
 * @param server omitted if unknown
 * @throws RemoteAccessError `invalid-key` if no line can be used
 */
export function readHostKeys(lines: readonly string[], server?: ServerAddress): GivenHostKeys {
  const used = lines.filter(isContent);
  const [first = ''] = used;
  const isLine = /\s/.test(first) && !hasPemBlock(lines) && !first.startsWith('PuTTY-User-Key');
  if (!isLine) {
    const { blob, comment } = readPublicKeyText(lines, 'host key', unrecognizedHostKey);
    const trusted = [{ key: PublicKey.fromBlob(blob), hosts: [], comment }];
    return { trusted, revoked: [], skipped: [] };
  }
  if (used.length > MAX_LINES) {
    throw invalidKey(`There are ${used.length} lines; give only those of this server.`);
  }
  const { read, problems } = readLines(lines);
  const ofKind = (isRevoked: boolean): HostKeyLine[] =>
    mergeEqualKeys(read.filter(line => line.isRevoked === isRevoked));
  const revoked = ofKind(true);
  if (read.length === 0) throw problems[0]!.cause;
  const trusted = narrowTo(ofKind(false), server).filter(
    ({ key }) => !revoked.some(one => one.key.equals(key)),
  );
  if (trusted.length > MAX_HOST_KEYS) {
    throw invalidKey(
      `There are ${trusted.length} host keys; a server has at most ${MAX_HOST_KEYS}.`,
    );
  }
  if (revoked.length > MAX_HOST_KEYS) {
    throw invalidKey(
      `There are ${revoked.length} revoked host keys; an endpoint has at most ${MAX_HOST_KEYS}.`,
    );
  }
  const skipped = problems.map(({ number, cause }) => `Line ${number}: ${cause.message}`);
  return { trusted, revoked, skipped };
}

function isContent(line: string): boolean {
  return line !== '' && !line.startsWith('#');
}

type ReadLine = HostKeyLine & { readonly isRevoked: boolean };

function readLines(lines: readonly string[]): {
  readonly read: ReadLine[];
  readonly problems: { readonly number: number; readonly cause: Error }[];
} {
  const read: ReadLine[] = [];
  const problems: { number: number; cause: Error }[] = [];
  for (const [at, line] of lines.entries()) {
    if (!isContent(line)) continue;
    try {
      read.push(readLine(line));
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      problems.push({ number: at + 1, cause });
      if (problems.length > MAX_SKIPPED) throw cause;
    }
  }
  return { read, problems };
}

/** One line per key, as an endpoint stores them. */
export function normalizedHostKeys({ trusted, revoked }: GivenHostKeys): string {
  const line = ({ key, comment }: HostKeyLine): string => key.line(keyComment(comment));
  return [...trusted.map(line), ...revoked.map(one => `${REVOKED} ${line(one)}`)].join('\n');
}

function readLine(line: string): ReadLine {
  const [first = '', second = ''] = line.split(/\s+/, 2);
  if (first === REVOKED) {
    return { ...readLine(line.slice(first.length).trim()), isRevoked: true };
  }
  if (first.startsWith('@')) throw unsupportedMarker(first);
  if (/^\d+$/.test(second) && /^[^\s]+ \d+ \d+ \d+/.test(line)) throw sshVersionOne();
  // Names, if any, come first; a server may be called `ssh-gateway`.
  const named = looksLikeKeyType(second);
  if (!named && !looksLikeKeyType(first)) throw unrecognizedHostKey();
  const { blob, comment } = readPublicKeyLine(named ? line.slice(first.length).trim() : line);
  const hosts = named ? first.split(',') : [];
  return { key: PublicKey.fromBlob(blob), hosts, comment, isRevoked: false };
}

function sshVersionOne(): Error {
  return invalidKey('Keys for SSH version 1 are not supported: no server uses them any more.');
}

function unsupportedMarker(marker: string): Error {
  switch (marker) {
    case '@cert-authority':
      return invalidKey(
        'A line is marked @cert-authority: host certificates are not checked yet. Give the ' +
          "server's own key.",
      );
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
  if (!server || lines.length <= 1) return lines;
  const matching = lines.filter(({ hosts }) => hosts.some(host => isNameOf(host, server)));
  if (matching.length > 0) return matching;
  // The gateway may know the server by another name, so lines that all name the same server are
  // accepted.
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
