import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryUser, withTemporaryUser } from '@remote-access/testkit';
import { type Daemon, startDaemon } from './daemon';

/** An SSH server other than OpenSSH. */
export interface SmallSshServer extends Daemon {
  /** `type base64` */
  readonly hostKey: string;
}

/** Dropbear, the SSH server of routers and other small devices. Requires root or sudo. */
export async function startDropbear(
  user: TemporaryUser,
  more: readonly string[] = [],
): Promise<SmallSshServer> {
  let hostKey = '';
  const daemon = await startDaemon('dropbear', (folder, port) => {
    const key = join(folder, 'host-key');
    const made = execFileSync('dropbearkey', ['-t', 'ed25519', '-f', key], { stdio: 'pipe' });
    hostKey = /^(ssh-ed25519 \S+)/m.exec(made.toString())![1]!;
    const options = ['-F', '-E', '-r', key, '-P', join(folder, 'pid'), ...more];
    const server = ['/usr/sbin/dropbear', ...options, '-p', `127.0.0.1:${port}`];
    return { command: withTemporaryUser(folder, user, server) };
  });
  return { ...daemon, hostKey };
}

/** TinySSH, which knows one cipher and only public keys. Requires root or sudo. */
export async function startTinyssh(user: TemporaryUser): Promise<SmallSshServer> {
  let hostKey = '';
  const daemon = await startDaemon('tinysshd', (folder, port) => {
    const keys = join(folder, 'keys');
    execFileSync('tinysshd-makekey', ['-q', keys]);
    chmodSync(keys, 0o755);
    const blob = /ssh-ed25519 \S+/.exec(execFileSync('tinysshd-printkey', [keys]).toString());
    hostKey = blob![0];
    const listener = ['systemd-socket-activate', '--inetd', '--accept'];
    const server = ['/usr/sbin/tinysshd', '-v', keys];
    const command = [...listener, '--listen', `127.0.0.1:${port}`, ...server];
    return { command: withTemporaryUser(folder, user, command) };
  });
  return { ...daemon, hostKey };
}
