import { existsSync } from 'node:fs';
import { startSystemSshd } from './system-sshd';
import { startSmallSshServer } from './small-ssh-server';

/** Where Debian and most others put it; it insists on being started by an absolute path. */
const SSHD = process.env['SSHD'] || '/usr/sbin/sshd';

/** Runs the target until it is told to stop; who started it reads where it is from its message. */
async function main(): Promise<void> {
  const target = await (existsSync(SSHD) ? startSystemSshd(SSHD) : startSmallSshServer());
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    target.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop);
  const { kind, port, userName, privateKey, publicKey, hostKey } = target;
  process.send?.({ kind, port, userName, privateKey, publicKey, hostKey });
  console.log(`ready: ${kind}, on 127.0.0.1:${port}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
