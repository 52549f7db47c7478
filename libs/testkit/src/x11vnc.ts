import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, hasEnded, spawnLogged } from './child-processes';
import { closedPort, isListening } from './sockets/tcp-target';
import { temporaryFolder } from './temporary-folder';
import { waitUntil } from './wait-until';
import type { Xvnc } from './xvnc';

/** x11vnc on loopback, showing the display of another X server. */
export interface X11vnc {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startX11vnc(
  { display, authority }: Pick<Xvnc, 'display' | 'authority'>,
  /** Text is stored in UTF-8. */
  password: string | Buffer,
  more: readonly string[] = [],
): Promise<X11vnc> {
  const folder = temporaryFolder('x11vnc');
  const log = join(folder.path, 'log');
  const port = await closedPort();
  const line = Buffer.concat([Buffer.from(password as string), Buffer.from('\n')]);
  writeFileSync(join(folder.path, 'password'), line, { mode: 0o600 });
  const child = spawnLogged(log, 'x11vnc', [
    ...['-display', display, '-auth', authority, '-rfbport', String(port), '-localhost'],
    ...['-passwdfile', join(folder.path, 'password'), '-forever', '-shared', '-noxrecord'],
    // Without this it looks up names during the session and blocks if there is no answer.
    '-nolookup',
    // Shared memory segments would be left behind when it is killed.
    '-noshm',
    ...more,
  ]);
  const stop = async (): Promise<void> => {
    // On SIGTERM its signal handler uses the display and may hang.
    await endProcess(child, 'SIGKILL');
    folder.remove();
  };
  try {
    await waitUntil(`x11vnc listens on port ${port}`, () => {
      if (hasEnded(child)) throw new Error(`x11vnc ended at once: ${readFileSync(log, 'utf8')}`);
      return isListening(port);
    });
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { port, stop };
}
