import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { inRepository } from './repository.mjs';

const LOOK_AGAIN_MS = 500;

/**
 * Installs and builds for one command at a time: two stacks may be started at the same moment, and
 * they share node_modules and the outputs.
 *
 * @param {() => Promise<void>} work
 */
export async function oneAtATime(work) {
  const lock = inRepository('.cache', 'building.pid');
  mkdirSync(inRepository('.cache'), { recursive: true });
  for (let told = false; !take(lock); told = true) {
    if (!told) console.log('Another command is installing or building here; waiting for it …');
    await pause(LOOK_AGAIN_MS);
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
 * @returns {boolean} whether it is ours now
 */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  // Its owner may have been killed; whoever notices takes the lock away, and asks again.
  if (!ownerLives(lock)) rmSync(lock, { force: true });
  return false;
}

/** @param {string} lock */
function ownerLives(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // It was just made and not yet written to, or it is another process that still runs.
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EPERM') return true;
    if (code === 'ESRCH' || code === 'ENOENT') return false;
    throw error;
  }
}
