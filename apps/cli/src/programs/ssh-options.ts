import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '@remote-access/contracts';
import type { Gateway } from '../directory/gateway-directory';

/**
 * The name under which ssh stores a server's key; it does not depend on the names of gateway and
 * endpoint.
 */
export function hostKeyAlias(url: string, gateway: Gateway, { hostname, port }: Endpoint): string {
  const server = hostname
    .toLowerCase()
    .replaceAll(':', '_')
    .replace(/[^a-z0-9._-]/g, '-');
  return `${gateway.id}-${server}-${port}.${new URL(url).hostname.replace(/[^a-z0-9.-]/g, '-')}`;
}

/**
 * A directory that only the user can access, with what ssh needs to reach a server through this
 * program.
 */
export class SshConnection {
  private readonly folder = mkdtempSync(join(tmpdir(), 'remote-access-ssh-'));
  /** The socket on which the forwarder listens. */
  readonly path: string;

  constructor() {
    chmodSync(this.folder, 0o700);
    this.path =
      process.platform === 'win32'
        ? `\\\\.\\pipe\\remote-access-${randomBytes(16).toString('hex')}`
        : join(this.folder, 'server.sock');
  }

  /**
   * @param alias the server's name in known_hosts
   * @param join the command that connects its stdin and stdout to {@link path}
   * @param server what is known about the server: the user and the host key of an SSH endpoint
   */
  options(
    alias: string,
    join: readonly string[],
    server: { user?: string | undefined; hostKey?: string | null },
  ): string[] {
    const { user, hostKey } = server;
    const settings = {
      ProxyCommand: proxyCommandLine([...join, this.path]),
      HostKeyAlias: alias,
      CheckHostIP: 'no',
      ...(user !== undefined && { User: user }),
      ...(hostKey && { GlobalKnownHostsFile: this.knownHosts(alias, hostKey) }),
    };
    return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The pinned keys are trusted, as the service does, and any other key is refused. */
  private knownHosts(alias: string, hostKey: string): string {
    const file = join(this.folder, 'known_hosts');
    writeFileSync(file, knownHostsLines(alias, hostKey), { mode: 0o600 });
    return file;
  }
}

/**
 * Lines of a known_hosts file (sshd(8)).
 *
 * @param hostKey the pinned host keys of an endpoint: lines `type base64`, or `@revoked type base64`
 */
export function knownHostsLines(alias: string, hostKey: string): string {
  return hostKey
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([first]) => first !== '')
    .map(words => {
      const marker = words[0]?.startsWith('@') ? `${words.shift()} ` : '';
      const [type = '', key = ''] = words;
      return `${marker}${alias} ${type} ${key}\n`;
    })
    .join('');
}

/** Quotes a word for a POSIX shell, if necessary. */
export function shellQuote(text: string): string {
  return /^[\w@:./=-]+$/.test(text) && !text.startsWith('-')
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The value of ssh's `ProxyCommand`: ssh expands `%` and hands the rest to a shell. */
export function proxyCommandLine(words: readonly string[]): string {
  const quote = process.platform === 'win32' ? windowsQuote : shellQuote;
  return words.map(word => quote(word).replaceAll('%', '%%')).join(' ');
}

function windowsQuote(text: string): string {
  return `"${text.replaceAll('"', '')}"`;
}
