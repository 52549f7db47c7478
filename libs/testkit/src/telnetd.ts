import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isListening } from './listening';
import { spawnLogged } from './spawn-logged';
import { closedPort } from './tcp-target';
import { temporaryFolder } from './temporary-folder';
import { waitUntil } from './wait-until';

/** Asks as `login` would, for one user who exists here alone, and then runs a shell. */
const LOGIN = `#!/bin/bash
printf 'device login: '
read -r name
printf 'Password: '
read -rs password
printf '\\n'
[ "$name" = ana ] && [ "$password" = 'open sesame' ] || { echo 'Login incorrect'; exit 1; }
export PS1='device$ ' HISTFILE= LC_ALL=C.UTF-8
exec /bin/bash --norc --noprofile -i
`;

export interface TelnetdOptions {
  /** What runs in the terminal of each connection; by default a sign-in and a shell. */
  readonly login?: string;
  /** Words for telnetd's command line. */
  readonly args?: readonly string[];
}

/** The telnetd of GNU inetutils on loopback, behind socat, which plays inetd. */
export interface Telnetd {
  readonly port: number;
  /** Who may sign in to what runs by default. */
  readonly user: { readonly name: string; readonly password: string };
  log(): string;
  stop(): Promise<void>;
}

export async function startTelnetd(options: TelnetdOptions = {}): Promise<Telnetd> {
  const folder = temporaryFolder('telnetd');
  const login = join(folder.path, 'login');
  const logFile = join(folder.path, 'log');
  writeFileSync(login, options.login ?? LOGIN);
  chmodSync(folder.path, 0o755);
  chmodSync(login, 0o755);
  const port = await closedPort();
  const command = ['/usr/sbin/telnetd', '-h', ...(options.args ?? []), '-E', login].join(' ');
  const child = spawnLogged(logFile, 'socat', [
    `TCP4-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork`,
    `EXEC:'${command}',nofork`,
  ]);
  let exited = false;
  child.once('exit', () => (exited = true));
  const stop = async (): Promise<void> => {
    if (!exited) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    folder.remove();
  };
  const log = (): string => readFileSync(logFile, 'utf8');
  try {
    await waitUntil(`telnetd listens on port ${port}`, () => {
      if (exited) throw new Error(`socat ended at once: ${log()}`);
      return isListening(port);
    });
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { port, user: { name: 'ana', password: 'open sesame' }, log, stop };
}
