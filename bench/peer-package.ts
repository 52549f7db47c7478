import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Peers are not dependencies, so the lock file does not contain them. */
export const PEERS = join(__dirname, '..', 'bench-peers');

const INSTALL_WITHIN_MS = 300_000;

/**
 * Installs an npm package that is measured next to the product, from the registry that npm is
 * configured for. Packages may contain code that must be compiled, which needs a compiler.
 *
 * @returns why that failed
 */
export async function installPeer(name: string, version: string): Promise<string | undefined> {
  if (existsSync(join(PEERS, 'node_modules', name))) return undefined;
  console.log(`Installing ${name} ${version} …`);
  mkdirSync(PEERS, { recursive: true });
  const manifest = join(PEERS, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{"private":true}\n');
  // Some of their dependencies declare a newer Node than they need.
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--engine-strict=false',
    `${name}@${version}`,
  ];
  try {
    await promisify(execFile)('npm', args, { cwd: PEERS, timeout: INSTALL_WITHIN_MS });
    return undefined;
  } catch (cause) {
    return `it cannot be installed: ${(cause as Error).message.split('\n')[0] ?? ''}`;
  }
}
