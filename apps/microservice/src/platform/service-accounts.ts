import { Injectable } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import type { ServiceAccount } from '../settings/settings';

/** The service users of the subscribed tenants, as the platform last reported them. */
@Injectable()
export class ServiceAccounts {
  private accounts = new Map<TenantId, ServiceAccount>();

  of(tenant: TenantId): ServiceAccount | undefined {
    return this.accounts.get(tenant);
  }

  tenants(): TenantId[] {
    return [...this.accounts.keys()];
  }

  replace(accounts: readonly ServiceAccount[]): void {
    this.accounts = new Map(accounts.map(account => [account.tenant, account]));
  }
}
