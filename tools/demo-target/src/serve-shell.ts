import { constants, userInfo } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import { spawn as spawnInTerminal, type IPty } from '@lydell/node-pty';
import type { ServerChannel, Session } from 'ssh2';

/** For a client that requests a terminal without a size. */
const USUAL_SIZE = { cols: 80, rows: 24 };

/** Variables that a client may set; Debian's sshd accepts the same. */
const LANGUAGE = /^(LANG|LC_[A-Z]+)$/;

/**
 * Serves one session of a client: the user's shell in a terminal. Commands, subsystems and forwarding
 * are refused: ssh2 rejects requests that have no listener.
 *
 * @param shells contains the shell while it runs
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
    // Missing from the types of ssh2, but present in the request.
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

/** A dimension of zero is ignored (RFC 4254, section 6.2). */
function sizeOf({ cols, rows }: { cols: number; rows: number }): typeof USUAL_SIZE {
  return { cols: cols || USUAL_SIZE.cols, rows: rows || USUAL_SIZE.rows };
}

function join(shell: IPty, channel: ServerChannel, ended: () => void): void {
  let runs = true;
  shell.onData(chunk => {
    // The channel buffers without a limit, so a `cat` of a large file would fill the memory.
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
  // The pty accepts only text, and a character may be split over two chunks.
  const typed = new StringDecoder('utf8');
  channel.on('data', (chunk: Buffer) => {
    if (runs) shell.write(typed.write(chunk));
  });
  channel.on('close', () => {
    if (runs) shell.kill();
  });
}

/** Signals are sent by name, without `SIG` (RFC 4254, section 6.10). */
function nameOf(signal: number): string | undefined {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === signal) ?? [];
  return name?.replace(/^SIG/, '');
}
