import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  closedPort,
  endProcess,
  hasEnded,
  isListening,
  spawnLogged,
  temporaryFolder,
  waitUntil,
} from '@remote-access/testkit';

/** A third-party server on loopback. */
export interface Daemon {
  readonly port: number;
  log(): string;
  stop(): Promise<void>;
}

/** How a server is started. */
export interface DaemonStart {
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it is ready; by default as soon as it listens on its port. */
  readonly isReady?: () => boolean | Promise<boolean>;
  /** The signal that ends it; SIGTERM by default. */
  readonly signal?: 'SIGKILL';
}

const START_TIMEOUT_MS = 20_000;

/**
 * Starts a server on a free port and waits until it is ready.
 *
 * @param prepare creates its files in the folder, which is removed when it stops
 */
export async function startDaemon(
  name: string,
  prepare: (folder: string, port: number) => DaemonStart,
): Promise<Daemon> {
  const folder = temporaryFolder(name);
  const port = await closedPort();
  const file = join(folder.path, 'log');
  const { command, env, isReady, signal } = prepare(folder.path, port);
  const [program = '', ...args] = command;
  const child = spawnLogged(file, program, args, env);
  const log = (): string => readFileSync(file, 'utf8');
  const stop = async (): Promise<void> => {
    await endProcess(child, signal);
    folder.remove();
  };
  try {
    await waitUntil(
      `${name} is ready`,
      () => {
        if (hasEnded(child)) throw new Error(`${name} ended at once`);
        return (isReady ?? (() => isListening(port)))();
      },
      START_TIMEOUT_MS,
    );
  } catch (cause) {
    const output = log();
    await stop();
    throw new Error(`${name} did not start: ${output}`, { cause });
  }
  return { port, log, stop };
}
