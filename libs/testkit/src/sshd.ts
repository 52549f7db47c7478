import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { endProcess, hasEnded, spawnLogged, withDescendants } from './child-processes';
import { closedPort, isListening } from './sockets/tcp-target';
import { temporaryFolder } from './temporary-folder';
import { type TemporaryUser, withTemporaryUser } from './temporary-user';
import { waitUntil } from './wait-until';

/** The path on Debian and most other systems. */
const SSHD = '/usr/sbin/sshd';

export interface SshdOptions {
  /** An absolute path. */
  readonly program?: string;
  /** A free port by default. */
  readonly port?: number | undefined;
  /** Types of host keys for `ssh-keygen -t`; ed25519 by default. */
  readonly hostKeyTypes?: readonly string[];
  /**
   * A user that exists only for this server and signs in with a password. Requires root or sudo:
   * the server gets its own copies of passwd and shadow in a mount namespace.
   */
  readonly passwordUser?: TemporaryUser;
  /**
   * HOME of the server's sessions. An empty folder by default, so that shells do not read the
   * profile of the user who runs the tests. A {@link passwordUser} always has an empty one.
   */
  readonly home?: string;
  /** Lines of sshd_config, which override the defaults. */
  readonly config?: readonly string[];
}

/** OpenSSH's server on loopback with its own keys and configuration. */
export interface Sshd {
  readonly port: number;
  /** Lines of `type base64`. */
  readonly hostKeys: readonly string[];
  /** A user that may sign in with {@link privateKey}. */
  readonly userName: string;
  /** In OpenSSH's format, unencrypted. */
  readonly privateKey: string;
  readonly publicKey: string;
  /** The log so far, including sign-in attempts. */
  log(): string;
  /** Sends a signal to the server and to the processes of all its connections. */
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = temporaryFolder('sshd');
  const file = (name: string): string => join(folder.path, name);
  const port = options.port ?? (await closedPort());

  const generate = (type: string, name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'test', '-f', file(name)]);
    return readFileSync(file(`${name}.pub`), 'utf8').trim();
  };
  const hostKeyTypes = options.hostKeyTypes ?? ['ed25519'];
  const hostKeys = hostKeyTypes.map(type =>
    generate(type, `host_${type}`).split(' ').slice(0, 2).join(' '),
  );
  const publicKey = generate('ed25519', 'user');
  writeFileSync(file('authorized_keys'), `${publicKey}\n`);
  const { home = file('home'), passwordUser } = options;
  mkdirSync(file('home'));

  writeFileSync(
    file('sshd_config'),
    [
      // sshd uses the first value of a keyword.
      ...(options.config ?? []),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeyTypes.map(type => `HostKey ${file(`host_${type}`)}`),
      `AuthorizedKeysFile ${file('authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      'PermitRootLogin yes',
      'AcceptEnv LANG LC_*',
      // For scp of OpenSSH 9 and later.
      'Subsystem sftp internal-sftp',
      ...(passwordUser ? [] : [`SetEnv "HOME=${home}"`]),
      'LogLevel VERBOSE',
      'MaxStartups 300',
      `PasswordAuthentication ${passwordUser ? 'yes' : 'no'}`,
      '',
    ].join('\n'),
  );
  writeFileSync(file('log'), '');

  const child = start(folder.path, options);
  const stop = async (): Promise<void> => {
    await endProcess(child);
    folder.remove();
  };
  const signal = (name: NodeJS.Signals): void => {
    if (hasEnded(child)) return;
    for (const pid of withDescendants(child.pid!)) {
      try {
        process.kill(pid, name);
      } catch {
        // The process ended in the meantime.
      }
    }
  };
  const log = (): string => readFileSync(file('log'), 'utf8');
  try {
    await waitUntil(`sshd listens on port ${port}`, () => {
      if (hasEnded(child)) throw new Error(`sshd ended at once: ${log()}`);
      return isListening(port);
    });
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    port,
    hostKeys,
    userName: passwordUser?.name ?? userInfo().username,
    privateKey: readFileSync(file('user'), 'utf8'),
    publicKey,
    log,
    signal,
    stop,
  };
}

function start(folder: string, { program = SSHD, passwordUser }: SshdOptions): ChildProcess {
  const log = join(folder, 'log');
  const server = [program, '-D', '-f', join(folder, 'sshd_config'), '-E', log] as const;
  // As root, sshd requires its privilege separation folder.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const [command, ...args] = passwordUser
    ? withTemporaryUser(folder, passwordUser, server)
    : server;
  return spawnLogged(log, command, args);
}
