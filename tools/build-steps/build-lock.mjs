import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { inRepository } from '../repository.mjs';

const RETRY_MS = 500;

/**
 * Allows only one command at a time to install and build: two stacks may be started at the same
 * moment, and they share node_modules and the build outputs.
 *
 * @param {() => Promise<void>} work
 */
export async function withBuildLock(work) {
  const lock = inRepository('.cache', 'building.pid');
  mkdirSync(inRepository('.cache'), { recursive: true });
  for (let told = false; !acquire(lock); told = true) {
    if (!told) console.log('Another command is installing or building here; waiting for it …');
    await pause(RETRY_MS);
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/**
 * @param {string} lock
 * @returns {boolean} whether this process now holds the lock
 */
function acquire(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  // Its owner may have been killed. Whoever notices removes the lock and tries again.
  if (!ownerIsAlive(lock)) rmSync(lock, { force: true });
  return false;
}

/** @param {string} lock */
function ownerIsAlive(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // 0: the file was created a moment ago and is still empty.
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EPERM') return true;
    if (code === 'ESRCH' || code === 'ENOENT') return false;
    throw error;
  }
}
