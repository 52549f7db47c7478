import { randomBytes } from 'node:crypto';
import { CliError } from '../cli-error.mjs';
import { step } from './progress.mjs';

const OPTIONS = '/tenant/options/remoteaccess';
const PASSWORD = 'credentials.remoteaccess.encryption.password';
const SALT = 'credentials.remoteaccess.encryption.salt';

/** Set by the service once it has authenticated endpoints with the key material. */
const IN_USE = 'endpoints.authenticated';

/**
 * Sets the key material with which secrets are sealed, if the tenant never had any. It is never
 * overwritten.
 *
 * @param {import('./platform.mjs').Platform} platform
 * @throws {CliError} if it existed and was lost
 */
export async function ensureKeyMaterial(platform) {
  const options = await platform.require('Reading the tenant options', 'GET', OPTIONS);
  const has = (/** @type {string} */ key) => Boolean(options?.[key]);
  if (has(PASSWORD) && has(SALT)) return;
  if (has(PASSWORD) || has(SALT) || has(IN_USE)) {
    throw new CliError(
      'The tenant had key material for sealing secrets, and part of it is gone. Restore the tenant ' +
        `options remoteaccess/${PASSWORD} and remoteaccess/${SALT} from your backup; new ones would ` +
        'make every stored password and key unusable. docs/key-material.md says how.',
    );
  }
  step('Setting key material for sealing secrets; docs/key-material.md says how to back it up');
  await platform.require('Setting the key material', 'PUT', OPTIONS, {
    [PASSWORD]: randomBytes(32).toString('base64url'),
    [SALT]: randomBytes(16).toString('base64url'),
  });
  platform.changes.push('key material for sealing secrets was set');
}
