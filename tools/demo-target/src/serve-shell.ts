import { constants, userInfo } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import { spawn as spawnInTerminal, type IPty } from '@lydell/node-pty';
import type { ServerChannel, Session } from 'ssh2';

/** A terminal that a client asked for without saying how large it is. */
const USUAL_SIZE = { cols: 80, rows: 24 };

/** What a client may set: its language, as Debian's sshd allows it. */
const LANGUAGE = /^(LANG|LC_[A-Z]+)$/;

/**
 * Serves one session of a client: the user's shell in a terminal. Commands, subsystems and forwarding
 * are refused; ssh2 does so where nobody listens.
 *
 * @param shells gets the shell while it runs
 */
export function serveShell(session: Session, shells: Set<IPty>): void {
  let terminal = 'xterm-256color';
  let size = USUAL_SIZE;
  let running: IPty | undefined;
  const language: Record<string, string> = {};
  session.on('env', (accept, reject, { key, val }) => {
    const allowed = LANGUAGE.test(key);
    if (allowed) language[key] = val;
    (allowed ? accept : reject)?.();
  });
  session.on('pty', (accept, _reject, info) => {
    // The types of ssh2 do not know it; the request has it.
    const { term } = info as typeof info & { term?: string };
    terminal = term || terminal;
    size = sizeOf(info);
    accept?.();
  });
  session.on('window-change', (accept, _reject, info) => {
    running?.resize(sizeOf(info).cols, sizeOf(info).rows);
    accept?.();
  });
  session.on('shell', (accept, reject) => {
    if (running) {
      reject?.();
      return;
    }
    const { shell, homedir } = userInfo();
    const started = spawnInTerminal(shell ?? '/bin/sh', [], {
      name: terminal,
      ...size,
      cwd: homedir,
      env: { ...process.env, ...language },
      encoding: null,
    });
    running = started;
    shells.add(started);
    join(started, accept(), () => {
      running = undefined;
      shells.delete(started);
    });
  });
}

/** Nothing stands for an unknown size; a terminal of no columns there cannot be. */
function sizeOf({ cols, rows }: { cols: number; rows: number }): typeof USUAL_SIZE {
  return { cols: cols || USUAL_SIZE.cols, rows: rows || USUAL_SIZE.rows };
}

function join(shell: IPty, channel: ServerChannel, ended: () => void): void {
  let runs = true;
  shell.onData(chunk => {
    // The channel takes what it is given; without this a `cat` of a large file fills the memory.
    if (!channel.write(chunk)) {
      shell.pause();
      channel.once('drain', () => shell.resume());
    }
  });
  shell.onExit(({ exitCode, signal }) => {
    runs = false;
    ended();
    const name = signal ? nameOf(signal) : undefined;
    if (name) channel.exit(name);
    else channel.exit(exitCode);
    channel.end();
  });
  // The terminal takes text only; a character may come in two chunks.
  const typed = new StringDecoder('utf8');
  channel.on('data', (chunk: Buffer) => {
    if (runs) shell.write(typed.write(chunk));
  });
  channel.on('close', () => {
    if (runs) shell.kill();
  });
}

/** RFC 4254, 6.10: signals go by their names, without `SIG`. */
function nameOf(signal: number): string | undefined {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === signal) ?? [];
  return name?.replace(/^SIG/, '');
}
