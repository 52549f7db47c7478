import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import { spawn as spawnInTerminal, type IPty } from '@lydell/node-pty';
import { Server, utils, type AuthContext, type ParsedKey, type Session } from 'ssh2';
import type { DemoTarget } from './demo-target';

/** A terminal that a client asked for without saying how large it is. */
const USUAL_SIZE = { cols: 80, rows: 24 };

/**
 * An SSH server for machines without sshd: one user, one key, one thing to do, which is a shell in a
 * terminal. Loopback only.
 */
export async function startSmallSshServer(): Promise<DemoTarget> {
  const { username, shell, homedir } = userInfo();
  const hostKey = utils.generateKeyPairSync('ed25519');
  const userKey = utils.generateKeyPairSync('ed25519');
  const shells = new Set<IPty>();
  const startShell = (terminal: string, cols: number, rows: number): IPty => {
    const started = spawnInTerminal(shell ?? '/bin/sh', [], {
      name: terminal,
      cols,
      rows,
      cwd: homedir,
      env: process.env,
      encoding: null,
    });
    shells.add(started);
    started.onExit(() => shells.delete(started));
    return started;
  };

  const server = new Server({ hostKeys: [hostKey.private] }, client => {
    // A client that leaves in the middle of a message is its own affair; `close` follows.
    client.on('error', () => client.end());
    client.on('authentication', context => {
      if (mayEnter(context, username, userKey.public)) context.accept();
      else context.reject(['publickey']);
    });
    client.on('session', accept => serve(accept(), startShell));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    kind: `a small SSH server with your shell (this machine has no sshd), as ${username}`,
    port: (server.address() as AddressInfo).port,
    userName: username,
    privateKey: userKey.private,
    publicKey: userKey.public,
    hostKey: hostKey.public.split(' ').slice(0, 2).join(' '),
    stop: async () => {
      for (const running of shells) running.kill();
      server.close();
      await Promise.resolve();
    },
  };
}

function mayEnter(context: AuthContext, userName: string, publicKey: string): boolean {
  if (context.method !== 'publickey' || context.username !== userName) return false;
  const known = utils.parseKey(publicKey) as ParsedKey;
  if (!known.getPublicSSH().equals(context.key.data)) return false;
  // Without a signature the client only asks whether this key would do.
  return (
    !context.signature || known.verify(context.blob as Buffer, context.signature, context.hashAlgo)
  );
}

function serve(
  session: Session,
  startShell: (terminal: string, cols: number, rows: number) => IPty,
): void {
  let terminal = 'xterm-256color';
  let size = USUAL_SIZE;
  let running: IPty | undefined;
  session.on('pty', (accept, _reject, info) => {
    const asked = info as typeof info & { term?: string };
    terminal = asked.term ?? terminal;
    size = { cols: info.cols || USUAL_SIZE.cols, rows: info.rows || USUAL_SIZE.rows };
    accept();
  });
  session.on('window-change', (accept, _reject, info) => {
    running?.resize(info.cols, info.rows);
    accept?.();
  });
  session.on('shell', accept => {
    const channel = accept();
    const started = startShell(terminal, size.cols, size.rows);
    running = started;
    started.onData(chunk => {
      // The channel takes what it is given; without this a `cat` of a large file fills the memory.
      if (!channel.write(chunk)) {
        started.pause();
        channel.once('drain', () => started.resume());
      }
    });
    started.onExit(({ exitCode }) => {
      channel.exit(exitCode);
      channel.end();
    });
    // The terminal takes text only; a character may come in two chunks.
    const typed = new StringDecoder('utf8');
    channel.on('data', (chunk: Buffer) => started.write(typed.write(chunk)));
    channel.on('close', () => started.kill());
  });
}
