import { homedir, userInfo } from 'node:os';
import { startSshd } from '@remote-access/testkit';
import type { DemoTarget } from './demo-target';
import { endDescendants } from './descendants';

/** The machine's own sshd, with a configuration, keys and a port of its own, for who starts it. */
export async function startSystemSshd(program: string, port?: number): Promise<DemoTarget> {
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
