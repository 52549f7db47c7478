import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import { KeyRing } from '../secrets/key-ring';
import { Log } from '../logging/log';
import { TenantDirectory } from '../platform/tenant-directory';

/** Checks for key material when a tenant subscribes, so that /health reports a missing key early. */
@Injectable()
export class KeyMaterialCheck implements OnModuleInit, OnModuleDestroy {
  private endWatch: (() => void) | undefined;
  /** Tenants are checked one by one, so that starting with a thousand does not flood the platform. */
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly tenants: TenantDirectory,
    private readonly keys: KeyRing,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.endWatch = this.tenants.watch({
      subscribed: tenant => {
        this.last = this.last.then(() => this.check(tenant));
      },
      unsubscribed: tenant => this.keys.forget(tenant),
    });
  }

  onModuleDestroy(): void {
    this.endWatch?.();
  }

  private async check(tenant: TenantId): Promise<void> {
    try {
      const found = await this.keys.check(tenant);
      if (!found) this.log.warn('Secrets cannot be stored: no key material', { tenant });
    } catch (cause) {
      this.log.warn('The key material could not be checked', { tenant, cause });
    }
  }
}
