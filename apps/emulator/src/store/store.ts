import { Changes } from './changes';
import { Tenant, type TenantData } from './tenant';

/** The contents of the data file. */
export interface StoreData {
  tenants: TenantData[];
}

/** The platform's state, in memory. */
export class Store {
  readonly changes = new Changes();
  private readonly tenants = new Map<string, Tenant>();
  private readonly touchListeners = new Set<() => void>();

  constructor(
    data: StoreData = { tenants: [] },
    readonly now: () => Date = () => new Date(),
  ) {
    for (const tenant of data.tenants) this.addTenant(tenant);
  }

  tenant(name: string): Tenant | undefined {
    return this.tenants.get(name);
  }

  listTenants(): Tenant[] {
    return [...this.tenants.values()];
  }

  addTenant(data: TenantData): Tenant {
    const tenant = new Tenant(data, this.changes, () => {
      for (const listener of this.touchListeners) listener();
    });
    this.tenants.set(tenant.name, tenant);
    return tenant;
  }

  /** Calls the listener after every change, including those that real time does not publish. */
  onTouched(listener: () => void): void {
    this.touchListeners.add(listener);
  }

  toJSON(): StoreData {
    return { tenants: this.listTenants().map(tenant => tenant.toJSON()) };
  }
}
