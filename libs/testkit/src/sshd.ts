import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { endProcess, hasEnded, spawnLogged } from './child-processes';
import { closedPort, isListening } from './tcp-target';
import { temporaryFolder } from './temporary-folder';
import { type TemporaryUser, withTemporaryUser } from './temporary-user';
import { waitUntil } from './wait-until';

/** Where Debian and most others put it. */
const SSHD = '/usr/sbin/sshd';

export interface SshdOptions {
  /** Where it is, an absolute path. */
  readonly program?: string;
  /** A free one by default. */
  readonly port?: number | undefined;
  /** Types of its host keys, as `ssh-keygen -t` takes them; ed25519 alone by default. */
  readonly hostKeyTypes?: readonly string[];
  /**
   * A user who exists for this server alone and signs in with a password. Takes root or sudo: the
   * server sees its own copies of passwd and shadow, in a mount namespace of its own.
   */
  readonly passwordUser?: TemporaryUser;
  /**
   * HOME of its sessions; a folder without anything by default, so that no profile of who runs it
   * decides what a shell does. A {@link passwordUser} has such a folder anyway.
   */
  readonly home?: string;
  /** Lines of sshd_config, in place of ours where a keyword is the same. */
  readonly config?: readonly string[];
}

/** OpenSSH's own server on loopback, with keys and a configuration of its own. */
export interface Sshd {
  readonly port: number;
  /** One line each, `type base64`. */
  readonly hostKeys: readonly string[];
  /** A user who may sign in with {@link privateKey}. */
  readonly userName: string;
  /** In OpenSSH's format, not encrypted. */
  readonly privateKey: string;
  readonly publicKey: string;
  /** What the server has logged so far, with each attempt to sign in. */
  log(): string;
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
      // The first value counts.
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
    stop,
  };
}

function start(folder: string, { program = SSHD, passwordUser }: SshdOptions): ChildProcess {
  const log = join(folder, 'log');
  const server = [program, '-D', '-f', join(folder, 'sshd_config'), '-E', log] as const;
  // As root sshd insists on its folder for privilege separation.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const [command, ...args] = passwordUser
    ? withTemporaryUser(folder, passwordUser, server)
    : server;
  return spawnLogged(log, command, args);
}
