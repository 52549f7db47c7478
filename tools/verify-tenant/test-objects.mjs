import { randomUUID } from 'node:crypto';
import { CliError } from '../cli-error.mjs';
import { describe } from './verdict.mjs';

/** A category of tenant options that no product uses. */
export const OPTION_CATEGORY = 'verifytenant';

/** What `--write` creates on the tenant: a device without an agent, and options. */
export class TestObjects {
  /** Paths to delete, in this order. @type {string[]} */
  #paths = [];

  /**
   * @param {string} deviceId
   * @param {string} serial its external id, which is unique
   */
  constructor(deviceId, serial) {
    this.deviceId = deviceId;
    this.serial = serial;
  }

  /**
   * @param {import('./tenant.mjs').Tenant} tenant
   * @throws {CliError} if the user may not create a device
   */
  static async create(tenant) {
    const serial = `verify-tenant-${randomUUID()}`;
    const answer = await tenant.call('POST', '/inventory/managedObjects', {
      body: {
        name: serial,
        type: 'c8y_VerifyTenant',
        c8y_IsDevice: {},
        com_cumulocity_model_Agent: {},
        c8y_SupportedOperations: ['c8y_RemoteAccessConnect'],
      },
    });
    const id = answer.json?.id;
    if (answer.status >= 300 || typeof id !== 'string') {
      throw new CliError(
        `--write needs a user who may create a device, but that failed: ` +
          tenant.redaction.apply(describe(answer)),
      );
    }
    tenant.redaction.hideName('test device', id);
    tenant.redaction.hideName('serial', serial);
    const objects = new TestObjects(id, serial);
    objects.remember(`/inventory/managedObjects/${id}`);
    return objects;
  }

  /**
   * Remembers a path to delete at the end, before those remembered earlier.
   *
   * @param {string} path
   */
  remember(path) {
    this.#paths.unshift(path);
  }

  /**
   * Deletes everything.
   *
   * @param {import('./tenant.mjs').Tenant} tenant
   * @returns {Promise<string[]>} what could not be deleted
   */
  async remove(tenant) {
    const left = [];
    for (const path of this.#paths) {
      try {
        const answer = await tenant.call('DELETE', path);
        // Deleted together with its device.
        if (answer.status >= 400 && answer.status !== 404) left.push(`${path}: ${answer.status}`);
      } catch (error) {
        left.push(`${path}: ${/** @type {Error} */ (error).message}`);
      }
    }
    return left;
  }
}
