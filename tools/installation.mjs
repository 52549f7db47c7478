import { readFileSync } from 'node:fs';
import { inRepository } from './repository.mjs';
import { runLogged } from './logged-command.mjs';

/**
 * Brings node_modules to what package-lock.json says, unless it is there already.
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
 * npm writes what it has installed into a hidden lock when it is through; an installation that was
 * cut short has none. What other systems or processors need is in our lock but not in that one.
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
