import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The path in Debian's package. */
const INSTALLED = '/usr/share/novnc';

const PEERS = join(__dirname, '..', 'bench-peers', 'novnc');
const UNPACKED = join(PEERS, INSTALLED);

const run = promisify(execFile);

/**
 * The folder of noVNC's own page, as packaged by Debian; it is unpacked next to the other peers if
 * it is not installed.
 *
 * @returns the folder, or why it is not available
 */
export async function novncFolder(): Promise<{ path: string } | string> {
  for (const path of [INSTALLED, UNPACKED]) {
    if (existsSync(join(path, 'vnc.html'))) return { path };
  }
  mkdirSync(PEERS, { recursive: true });
  try {
    console.log('Fetching noVNC …');
    await run('sh', ['-c', 'apt-get download novnc && dpkg-deb -x novnc_*.deb .'], { cwd: PEERS });
    return { path: UNPACKED };
  } catch (cause) {
    return `noVNC's page cannot be fetched: ${(cause as Error).message.split('\n')[0] ?? ''}`;
  }
}
