import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import { type KeyMaterial, SETTINGS, type Settings } from '../settings/settings';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { KeyMaterialMaker } from './key-material';
import { SealingKey } from './sealed-text';

/** The sealing keys of each tenant. */
@Injectable()
export class KeyRing {
  private readonly derived = new Map<string, Promise<SealingKey>>();
  private readonly without = new Set<TenantId>();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly options: TenantOptions,
    private readonly maker: KeyMaterialMaker,
  ) {}

  /** The key that seals new secrets: the tenant's own, otherwise that of the process. */
  async sealingKeyOf(tenant: TenantId): Promise<SealingKey | undefined> {
    const [material] = await this.materialsOf(tenant);
    return material && this.derive(material);
  }

  /** All keys that can unseal secrets: the current ones first, then the previous ones. */
  async keysOf(tenant: TenantId): Promise<SealingKey[]> {
    const previous = [
      await this.options.previousKeyMaterial(tenant),
      this.settings.previousSealing,
    ].filter(material => material !== undefined);
    const materials = [...(await this.materialsOf(tenant)), ...previous];
    return Promise.all(materials.map(material => this.derive(material)));
  }

  /** Whether the tenant's secrets can be sealed; updates {@link tenantsWithoutKey}. */
  async check(tenant: TenantId): Promise<boolean> {
    return (await this.materialsOf(tenant)).length > 0;
  }

  /** Tenants that had no key when they were last checked. */
  tenantsWithoutKey(): TenantId[] {
    return [...this.without];
  }

  forget(tenant: TenantId): void {
    this.without.delete(tenant);
  }

  private async materialsOf(tenant: TenantId): Promise<KeyMaterial[]> {
    let known = await this.configured(tenant);
    if (known.length === 0) {
      await this.maker.make(tenant);
      known = await this.configured(tenant);
    }
    if (known.length === 0) this.without.add(tenant);
    else this.without.delete(tenant);
    return known;
  }

  private async configured(tenant: TenantId): Promise<KeyMaterial[]> {
    const materials = [await this.options.keyMaterial(tenant), this.settings.sealing];
    return materials.filter(material => material !== undefined);
  }

  private derive(material: KeyMaterial): Promise<SealingKey> {
    const { password, salt } = material;
    const digest = createHash('sha256')
      .update(JSON.stringify([password.reveal(), salt.reveal()]))
      .digest('base64');
    const known = this.derived.get(digest);
    if (known) return known;
    const key = SealingKey.from(material);
    this.derived.set(digest, key);
    return key;
  }
}
