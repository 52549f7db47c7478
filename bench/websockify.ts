import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { closedPort, isListening, waitUntil } from '@remote-access/testkit';

/** The measured version; numpy makes it fast. */
const PACKAGES = ['websockify==0.13.0', 'numpy'];
const PEERS = join(__dirname, '..', 'bench-peers', 'python');
const INSTALL_WITHIN_MS = 300_000;

/** The usual bridge between noVNC and a VNC server. */
export interface Websockify {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * @param pages the folder that it serves over HTTP
 * @returns the bridge, or the reason why it cannot be measured on this machine
 */
export async function startWebsockify(
  vncPort: number,
  folder: string,
  pages?: string,
): Promise<Websockify | string> {
  if (!existsSync(join(PEERS, 'websockify'))) {
    const problem = await install();
    if (problem) return problem;
  }
  const port = await closedPort();
  const log = openSync(join(folder, 'websockify.log'), 'a');
  const child = spawn(
    'python3',
    [
      '-m',
      'websockify',
      ...(pages ? ['--web', pages] : []),
      `127.0.0.1:${port}`,
      `127.0.0.1:${vncPort}`,
    ],
    { env: { ...process.env, PYTHONPATH: PEERS }, stdio: ['ignore', log, log] },
  );
  try {
    await waitUntil('websockify listens', () => isListening(port));
  } catch (cause) {
    child.kill();
    return `it does not start: ${(cause as Error).message}`;
  }
  return { url: `ws://127.0.0.1:${port}`, stop: () => end(child) };
}

/** Uses the index that pip is configured for. */
async function install(): Promise<string | undefined> {
  console.log('Installing websockify …');
  const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', PEERS, ...PACKAGES];
  try {
    await promisify(execFile)('python3', args, { timeout: INSTALL_WITHIN_MS });
    return undefined;
  } catch (cause) {
    return `it cannot be installed: ${(cause as Error).message.split('\n')[0] ?? ''}`;
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}
