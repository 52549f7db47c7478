import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { startSshd } from '@remote-access/testkit';
import { endDescendants } from './descendants';
import { runTarget } from './run-target';
import { startSmallSshServer, type DemoTarget } from './small-ssh-server';

/** The usual path. sshd refuses to start unless its path is absolute. */
const SSHD = process.env['SSHD'] || '/usr/sbin/sshd';

/** Starts the machine's sshd with its own configuration, keys and port, for the current user. */
async function startSystemSshd(program: string, port?: number): Promise<DemoTarget> {
  const { username } = userInfo();
  const sshd = await startSshd({
    program,
    port,
    home: homedir(),
    config: [`AllowUsers ${username}`, 'PrintMotd no'],
  });
  const [hostKey] = sshd.hostKeys;
  if (!hostKey) throw new Error('sshd was started without a host key');
  return {
    kind: `this machine's sshd, as ${username}`,
    port: sshd.port,
    userName: username,
    privateKey: sshd.privateKey,
    publicKey: sshd.publicKey,
    hostKey,
    // Stopping sshd does not end its open sessions or the programs in them.
    stop: () => endDescendants().then(() => sshd.stop()),
  };
}

runTarget(port => (existsSync(SSHD) ? startSystemSshd(SSHD, port) : startSmallSshServer()));
