import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, copyFileSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** A user id that no Debian package takes. */
const TEST_USER_ID = 54_321;

export interface OwnUser {
  readonly name: string;
  readonly password: string;
}

/**
 * A command that runs a server in a mount namespace of its own, where one more user exists. Takes
 * root: the server sees its own copies of passwd and shadow.
 *
 * @param folder where the copies and the user's home are put
 */
export function withOwnUser(
  folder: string,
  user: OwnUser,
  command: readonly string[],
): { command: string; args: string[] } {
  if (userInfo().uid !== 0) {
    throw new Error('A test server that takes passwords of its own users must be started as root');
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
    'shift',
    'exec "$@"',
  ].join(' && ');
  const namespace = ['--mount', '--propagation', 'private'];
  return { command: 'unshare', args: [...namespace, 'sh', '-c', script, 'sh', folder, ...command] };
}
