import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, chmodSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder';

/** Asks for user name and password like `login`, for one built-in user, and then runs a shell. */
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

const INETUTILS_ARGS = ['-h', '-E', './login'];

export interface TelnetdOptions {
  /** The script that runs for each connection; by default a sign-in and a shell. */
  readonly login?: string;
  /** Path of telnetd; Debian's by default. */
  readonly program?: string;
  /** Arguments that make telnetd run `./login` on the socket that is its standard input. */
  readonly args?: readonly string[];
}

/** A telnetd on loopback; by default that of GNU inetutils. */
export interface Telnetd {
  readonly port: number;
  /** The user that the default script accepts. */
  readonly user: { readonly name: string; readonly password: string };
  log(): string;
  stop(): Promise<void>;
}

/** Starts a listener that runs a telnetd for each connection, like inetd. */
export async function startTelnetd(options: TelnetdOptions = {}): Promise<Telnetd> {
  const { login = LOGIN, program = '/usr/sbin/telnetd', args = INETUTILS_ARGS } = options;
  const folder = temporaryFolder('telnetd');
  const logFile = join(folder.path, 'log');
  writeFileSync(join(folder.path, 'login'), login);
  chmodSync(join(folder.path, 'login'), 0o755);
  const log = openSync(logFile, 'a');
  const running = new Set<ChildProcess>();

  const listener = createServer({ pauseOnConnect: true, noDelay: true }, socket => {
    // A relative path, because telnetd splits the command at spaces.
    const child = spawn(program, args, {
      cwd: folder.path,
      stdio: [socket, socket, log],
    });
    running.add(child);
    child.on('error', cause => writeFileSync(logFile, `${cause.message}\n`, { flag: 'a' }));
    child.once('close', () => running.delete(child));
    // telnetd has its own descriptor of the socket.
    socket.destroy();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    user: { name: 'ana', password: 'open sesame' },
    log: () => readFileSync(logFile, 'utf8'),
    stop: async () => {
      const closed = once(listener, 'close');
      listener.close();
      await Promise.all([...running].map(ended));
      await closed;
      closeSync(log);
      folder.remove();
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}
