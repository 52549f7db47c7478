import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { closedPort } from './tcp-target';
import { temporaryFolder } from './temporary-folder';
import { waitUntil } from './wait-until';

/** A user id that no Debian package takes. */
const TEST_USER_ID = 54_321;

export interface SshdOptions {
  /** Types of its host keys, as `ssh-keygen -t` takes them; ed25519 alone by default. */
  readonly hostKeyTypes?: readonly string[];
  /**
   * A user who exists for this server alone and signs in with a password. Takes root: the server
   * sees its own copies of passwd and shadow, in a mount namespace of its own.
   */
  readonly passwordUser?: { readonly name: string; readonly password: string };
  /** Lines for the end of sshd_config. */
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
  const port = await closedPort();

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

  writeFileSync(
    file('sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeyTypes.map(type => `HostKey ${file(`host_${type}`)}`),
      `AuthorizedKeysFile ${file('authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      'PermitRootLogin yes',
      'AcceptEnv LANG LC_*',
      'LogLevel VERBOSE',
      'MaxStartups 300',
      `PasswordAuthentication ${options.passwordUser ? 'yes' : 'no'}`,
      ...(options.config ?? []),
      '',
    ].join('\n'),
  );
  writeFileSync(file('log'), '');

  const child = options.passwordUser
    ? startWithOwnUsers(folder.path, options.passwordUser)
    : startPlain(folder.path);
  let exited = false;
  child.once('exit', () => (exited = true));

  const stop = async (): Promise<void> => {
    if (!exited) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    folder.remove();
  };
  const log = (): string => readFileSync(file('log'), 'utf8');
  try {
    await waitUntil(`sshd listens on port ${port}`, () => {
      if (exited) throw new Error(`sshd ended at once: ${log()}`);
      return isListening(port);
    });
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    port,
    hostKeys,
    userName: options.passwordUser?.name ?? userInfo().username,
    privateKey: readFileSync(file('user'), 'utf8'),
    publicKey,
    log,
    stop,
  };
}

function startPlain(folder: string): ChildProcess {
  // As root sshd insists on its folder for privilege separation.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  return spawnTo(folder, '/usr/sbin/sshd', sshdArguments(folder));
}

function startWithOwnUsers(
  folder: string,
  user: { readonly name: string; readonly password: string },
): ChildProcess {
  if (userInfo().uid !== 0) {
    throw new Error('A test sshd that takes passwords must be started as root');
  }
  const home = join(folder, 'home');
  mkdirSync(home);
  chownSync(home, TEST_USER_ID, TEST_USER_ID);
  chmodSync(folder, 0o755);
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: user.password });
  const passwd = join(folder, 'passwd');
  const shadow = join(folder, 'shadow');
  copyFileSync('/etc/passwd', passwd);
  copyFileSync('/etc/shadow', shadow);
  appendFileSync(passwd, `${user.name}:x:${TEST_USER_ID}:${TEST_USER_ID}::${home}:/bin/bash\n`);
  appendFileSync(shadow, `${user.name}:${hash.toString().trim()}:19000:0:99999:7:::\n`);
  const script = [
    'mount --bind "$1/passwd" /etc/passwd',
    'mount --bind "$1/shadow" /etc/shadow',
    'mount -t tmpfs tmpfs /run',
    'mkdir -p /run/sshd',
    'folder=$1; shift',
    'exec /usr/sbin/sshd "$@"',
  ].join(' && ');
  return spawnTo(folder, 'unshare', [
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    'sshd',
    folder,
    ...sshdArguments(folder),
  ]);
}

function sshdArguments(folder: string): string[] {
  return ['-D', '-f', join(folder, 'sshd_config'), '-E', join(folder, 'log')];
}

function spawnTo(folder: string, command: string, args: readonly string[]): ChildProcess {
  const output = openSync(join(folder, 'log'), 'a');
  try {
    return spawn(command, args, { stdio: ['ignore', output, output] });
  } finally {
    closeSync(output);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
