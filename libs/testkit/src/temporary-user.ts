import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { administrator } from './child-processes';

/** A user id that no Debian package uses. */
const TEST_USER_ID = 54_321;

export interface TemporaryUser {
  readonly name: string;
  readonly password: string;
  /** A line for `~/.ssh/authorized_keys`, for servers that look nowhere else. */
  readonly authorizedKey?: string;
}

/** Everything is created on a tmpfs that disappears with the namespace. */
const START_WITH_ONE_MORE_USER = `
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/home
if [ -n "$1" ]; then
  mkdir -m 700 /run/home/.ssh
  printf '%s\\n' "$1" > /run/home/.ssh/authorized_keys
fi
chown -R ${TEST_USER_ID}:${TEST_USER_ID} /run/home
shift
for file in passwd shadow; do
  cp -p /etc/$file /run/$file
  printf '%s\\n' "$1" >> /run/$file
  mount --bind /run/$file /etc/$file
  shift
done
exec "$@"
`;

/**
 * Wraps a server's command so that it runs in a mount namespace with an additional user. Requires
 * root, or sudo without a password.
 *
 * @param folder the server's folder, which the user may read
 */
export function withTemporaryUser(
  folder: string,
  user: TemporaryUser,
  command: readonly string[],
): [command: string, ...args: string[]] {
  chmodSync(folder, 0o755);
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: user.password });
  const passwd = `${user.name}:x:${TEST_USER_ID}:${TEST_USER_ID}::/run/home:/bin/bash`;
  const shadow = `${user.name}:${hash.toString().trim()}:19000:0:99999:7:::`;
  const [first, ...rest] = [
    ...administrator(),
    ...['unshare', '--mount', '--propagation', 'private'],
    ...['sh', '-c', START_WITH_ONE_MORE_USER, 'sh'],
    ...[user.authorizedKey ?? '', passwd, shadow, ...command],
  ];
  return [first!, ...rest];
}
