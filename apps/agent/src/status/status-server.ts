import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { MAX_SOCKET_PATH_BYTES } from '@remote-access/network';
import type { Log } from '../log/log';
import type { AgentSettings } from '../settings/agent-settings';
import type { TunnelView } from '../tunnel/tunnel';

/** The state of a running agent. */
export interface AgentStatus {
  readonly platform: string;
  readonly device: string;
  readonly transport: string;
  readonly startedAt: string;
  readonly maxSessions: number;
  readonly sessions: readonly TunnelView[];
}

/**
 * Writes the status as JSON to each connection on a Unix socket that only its owner and root can
 * open.
 */
export class StatusServer {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly path: string,
  ) {}

  /** If the socket cannot be created, the agent runs without a status server. */
  static async start(
    path: string,
    status: () => AgentStatus,
    log: Log,
  ): Promise<StatusServer | undefined> {
    const server = createServer();
    const started = new StatusServer(server, path);
    server.on('connection', socket => {
      started.sockets.add(socket);
      socket.once('close', () => started.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.end(JSON.stringify(status()));
    });
    try {
      await makeRoom(path);
      await listen(server, path);
    } catch (cause) {
      // Otherwise it would keep the process from ending.
      server.close();
      log('status is not available', { path, reason: (cause as Error).message });
      return undefined;
    }
    return started;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }
}

/** A killed process leaves its socket behind. Nothing else is removed. */
async function makeRoom(path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new Error(`a socket's path has at most ${MAX_SOCKET_PATH_BYTES} bytes`);
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) throw new Error('the path is taken by something that is not a socket');
  if (await isServed(path)) throw new Error('another process serves this socket');
  rmSync(path);
}

function isServed(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path);
    socket.on('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function listen(server: Server, path: string): Promise<void> {
  const previousMask = process.umask(0o177);
  try {
    server.listen(path);
    await once(server, 'listening');
    chmodSync(path, 0o600);
  } finally {
    process.umask(previousMask);
  }
}

/** Reads the status of a running agent; rejects if none is running. */
export async function readStatus(path: string): Promise<AgentStatus> {
  const socket = connect(path);
  await once(socket, 'connect');
  return JSON.parse(await text(socket)) as AgentStatus;
}

/** @returns the exit code */
export async function printStatus(
  { statusSocket }: AgentSettings,
  print: (line: string) => void = console.log,
): Promise<number> {
  if (statusSocket === undefined) {
    print('The agent has no status socket; set status.socket (or STATUS_SOCKET).');
    return 1;
  }
  try {
    const { platform, device, transport, startedAt, sessions } = await readStatus(statusSocket);
    print(`${device} at ${platform} over ${transport}, running since ${startedAt}`);
    print(sessions.length === 1 ? '1 session' : `${sessions.length} sessions`);
    for (const { operation, target, startedAt: since, ...bytes } of sessions) {
      const traffic = `${bytes.toTargetBytes} bytes sent, ${bytes.fromTargetBytes} received`;
      print(`  ${target}  since ${since}  ${traffic}  (operation ${operation})`);
    }
    return 0;
  } catch (cause) {
    print(`No agent answers at ${statusSocket}: ${(cause as Error).message}`);
    return 1;
  }
}
