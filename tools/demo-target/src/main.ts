import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { startSshd } from '@remote-access/testkit';
import { endDescendants } from './descendants';
import { runTarget } from './run-target';
import { startSmallSshServer, type DemoTarget } from './small-ssh-server';

/** Where Debian and most others put it; it insists on being started by an absolute path. */
const SSHD = process.env['SSHD'] || '/usr/sbin/sshd';

/** The machine's own sshd, with a configuration, keys and a port of its own, for who starts it. */
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
    // Ending sshd leaves its open sessions alive, and their shells with what they started.
    stop: () => endDescendants().then(() => sshd.stop()),
  };
}

runTarget(port => (existsSync(SSHD) ? startSystemSshd(SSHD, port) : startSmallSshServer()));
