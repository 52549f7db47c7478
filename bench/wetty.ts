import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { closedPort, isListening, waitUntil, type LocalStack } from '@remote-access/testkit';
import { installPeer, PEERS } from './peer-package';
import { writeSshFiles } from './plain-ssh';
import type { Terminal } from './terminal';

const VERSION = '3.2.0';
const READY_WITHIN_MS = 30_000;

/** wetty's page acknowledges rendered output in steps of this size. */
const COMMIT_CHARACTERS = 262_144;

/** Another browser terminal: its server, and sessions opened as its page opens them. */
export interface Wetty {
  open(): Promise<Terminal>;
  stop(): Promise<void>;
}

interface SocketIo {
  on(event: string, listener: (data: string) => void): void;
  emit(event: string, ...data: unknown[]): void;
  disconnect(): void;
}

/** @returns the server, or the reason why it cannot be measured on this machine */
export async function startWetty(stack: LocalStack, folder: string): Promise<Wetty | string> {
  const program = join(PEERS, 'node_modules', 'wetty', 'build', 'main.js');
  const problem = await installPeer('wetty', VERSION);
  if (problem) return problem;
  const { target } = stack.description;
  const { key, knownHosts } = writeSshFiles(stack, folder);
  const port = await closedPort();
  const log = openSync(join(folder, 'wetty.log'), 'a');
  const child = spawn(
    process.execPath,
    [
      ...[program, '--force-ssh', '--host', '127.0.0.1', '--port', String(port)],
      ...['--base', '/', '--ssh-host', '127.0.0.1', '--ssh-port', String(target.port)],
      ...['--ssh-user', target.userName, '--ssh-auth', 'publickey'],
      ...['--ssh-key', key, '--known-hosts', knownHosts, '--log-level', 'error'],
    ],
    { cwd: PEERS, stdio: ['ignore', log, log] },
  );
  try {
    await waitUntil('wetty listens', () => isListening(port), READY_WITHIN_MS);
  } catch (cause) {
    child.kill();
    return `it does not start: ${(cause as Error).message}`;
  }
  return { open: () => open(port), stop: () => end(child) };
}

function open(port: number): Promise<Terminal> {
  const { io } = createRequire(join(PEERS, 'package.json'))('socket.io-client') as {
    io: (url: string, options: object) => SocketIo;
  };
  const socket = io(`http://127.0.0.1:${port}`, {
    path: '/socket.io',
    transports: ['websocket'],
    forceNew: true,
  });
  let listener: (chunk: Buffer) => void = () => undefined;
  let uncommitted = 0;
  socket.on('data', data => {
    uncommitted += data.length;
    if (uncommitted > COMMIT_CHARACTERS) {
      socket.emit('commit', uncommitted);
      uncommitted = 0;
    }
    listener(Buffer.from(data));
  });
  return Promise.resolve({
    type: text => socket.emit('input', text),
    close: () => socket.disconnect(),
    onOutput: next => (listener = next),
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    child.once('exit', () => resolve());
    child.kill();
  });
}
