import { randomUUID } from 'node:crypto';
import { CliError } from '../cli-error.mjs';

/** @typedef {import('./platform.mjs').Platform} Platform */

const CATEGORY = 'remoteaccessdeploy';
const LOCK = `/tenant/options/${CATEGORY}/running`;
const CLONES = `/tenant/options/${CATEGORY}/clones`;

/** The lock of a run that was killed expires after this time. */
const EXPIRES_AFTER_MS = 30 * 60_000;

const UNLOCKING = `somebody deletes the tenant option (DELETE ${LOCK})`;

/** If two runs start at the same instant, both write; the one whose value remains continues. */
const SETTLE_MS = 500;

/**
 * Runs an action while no other deployment changes the tenant.
 *
 * @template T
 * @param {Platform} platform
 * @param {string} user
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 * @throws {CliError} if another deployment is running
 */
export async function withLock(platform, user, action) {
  const id = randomUUID();
  const other = await holder(platform);
  if (other) throw busy(other);
  const value = JSON.stringify({ id, user, since: new Date().toISOString() });
  await platform.require('Locking the tenant', 'PUT', LOCK, { value });
  await new Promise(resolve => setTimeout(resolve, SETTLE_MS));
  const now = await holder(platform);
  if (now?.id !== id) throw busy(now);
  try {
    return await action();
  } finally {
    await unlock(platform);
  }
}

/**
 * Failing must not hide what the action reported, and the lock expires by itself.
 *
 * @param {Platform} platform
 */
async function unlock(platform) {
  const { status } = await platform.call('DELETE', LOCK).catch(() => ({ status: 0 }));
  if (status === 204 || status === 404) return;
  platform.changes.push(
    `the tenant stays locked for other deployments for half an hour, or until ${UNLOCKING}`,
  );
}

/** @param {{ user: string, since: string } | undefined} other */
function busy(other) {
  const who = other ? ` by ${other.user} since ${other.since}` : '';
  return new CliError(
    `Another deployment to this tenant is running${who}. Wait until it has ended; if it was killed, ` +
      `wait half an hour from then, or until ${UNLOCKING}.`,
  );
}

/**
 * @param {Platform} platform
 * @returns {Promise<{ id: string, user: string, since: string } | undefined>}
 */
async function holder(platform) {
  const { status, json } = await platform.call('GET', LOCK);
  if (status !== 200) return undefined;
  try {
    const value = JSON.parse(json.value);
    const age = Date.now() - Date.parse(value.since);
    return age < EXPIRES_AFTER_MS ? value : undefined;
  } catch {
    // Nobody else writes this option; a damaged value blocks nobody.
    return undefined;
  }
}

/**
 * The ids of the applications that were cloned in order to load the plugin.
 *
 * @param {Platform} platform
 * @returns {Promise<string[]>}
 */
export async function ownClones(platform) {
  const { status, json } = await platform.call('GET', CLONES);
  return status === 200 ? String(json.value).split(',').filter(Boolean) : [];
}

/**
 * @param {Platform} platform
 * @param {readonly string[]} ids
 */
export async function rememberClones(platform, ids) {
  if (ids.length === 0) {
    await platform.call('DELETE', CLONES);
    return;
  }
  const value = [...new Set(ids)].join(',');
  await platform.require('Recording the cloned applications', 'PUT', CLONES, { value });
}
