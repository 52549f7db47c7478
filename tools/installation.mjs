import { readFileSync } from 'node:fs';
import { inRepository } from './repository.mjs';
import { runLogged } from './logged-command.mjs';

/**
 * Installs the packages of package-lock.json, unless node_modules already has them.
 */
export async function install() {
  if (isInstalled()) return;
  const npm = process.env['npm_execpath'];
  const args = ['ci', '--no-fund', '--no-audit', '--loglevel=warn'];
  await runLogged(
    'Installing packages (npm ci)',
    npm ? process.execPath : 'npm',
    npm ? [npm, ...args] : args,
    { log: inRepository('.cache', 'logs', 'install.log') },
  );
}

/**
 * npm writes a hidden lock file when an installation is complete; an interrupted one has none. Packages
 * for other operating systems and processors are in our lock file but not in the hidden one.
 */
function isInstalled() {
  const installed = readPackages(inRepository('node_modules', '.package-lock.json'));
  const wanted = readPackages(inRepository('package-lock.json'));
  if (!installed || !wanted) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const there = installed[path];
    if (!there) return entry.optional === true || entry.devOptional === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockEntry
 * @param {string} file
 * @returns {Record<string, LockEntry> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}
