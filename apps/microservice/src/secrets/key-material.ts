import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isRefusal, type TenantId } from '@remote-access/contracts';
import { OPTION_CATEGORY, OPTION_KEYS } from '@remote-access/contracts/platform';
import { AuditTrail } from '../audit/audit-trail';
import { Log } from '../logging/log';
import { Cumulocity, ServiceAccounts } from '../platform/cumulocity';
import type { ServiceAccount } from '../settings/settings';
import { TenantOptions } from '../tenant-settings/tenant-options';

/** After an attempt, the platform is not asked again for this long. */
const RETRY_AFTER_MS = 30_000;

const BYTES = 32;

const BY_HAND =
  `Give its service user ROLE_OPTION_MANAGEMENT_ADMIN, or set the tenant options ` +
  `${OPTION_KEYS.sealingPassword} and ${OPTION_KEYS.sealingSalt} of the category ` +
  `${OPTION_CATEGORY} by hand.`;

/**
 * Creates the key material of a tenant that never had any, because no platform does.
 *
 * It is derived from the password that the platform generated for the tenant's service user. All
 * replicas get the same result, so it does not matter which one writes it, or how often.
 */
@Injectable()
export class KeyMaterialMaker {
  private readonly making = new Map<TenantId, Promise<void>>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly accounts: ServiceAccounts,
    private readonly options: TenantOptions,
    private readonly audit: AuditTrail,
    private readonly log: Log,
  ) {}

  /**
   * Creates the material, unless the tenant has or once had some, or it cannot be written; that is
   * logged.
   * @throws RemoteAccessError if the options cannot be read
   */
  make(tenant: TenantId): Promise<void> {
    const running = this.making.get(tenant);
    if (running) return running;
    const made = this.makeOnce(tenant);
    this.making.set(tenant, made);
    const forget = (): boolean => this.making.delete(tenant);
    // The result is cached for a while. After a failure to read the options the next caller tries
    // again.
    made.then(() => setTimeout(forget, RETRY_AFTER_MS).unref(), forget);
    return made;
  }

  private async makeOnce(tenant: TenantId): Promise<void> {
    const account = this.accounts.of(tenant);
    if (!account || !(await this.options.isWithoutKeyMaterial(tenant))) return;
    if (await this.options.areEndpointsAuthenticated(tenant)) {
      this.log.error('The key material of a tenant is gone; restore its options', { tenant });
      return;
    }
    try {
      await this.cumulocity
        .asService(tenant)
        .updateTenantOptions(OPTION_CATEGORY, materialFor(tenant, account));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.log.error(`The service cannot make key material for a tenant. ${BY_HAND}`, {
        tenant,
        cause: error,
      });
      return;
    } finally {
      this.options.forget(tenant);
    }
    this.log.info('Key material has been made', { tenant });
    await this.audit.record(tenant, {
      type: 'Option',
      activity: 'Remote access key material made',
      text: `${OPTION_KEYS.sealingPassword} and ${OPTION_KEYS.sealingSalt} made by the service`,
      user: account.user,
    });
  }
}

function materialFor(tenant: TenantId, { password }: ServiceAccount): Record<string, string> {
  const derived = (purpose: string): string => {
    const info = `cloud-remote-access key material v1 ${purpose}`;
    return Buffer.from(hkdfSync('sha256', password.reveal(), tenant, info, BYTES)).toString(
      'base64url',
    );
  };
  return {
    [OPTION_KEYS.sealingPassword]: derived('password'),
    [OPTION_KEYS.sealingSalt]: derived('salt'),
  };
}
