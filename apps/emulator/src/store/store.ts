import { Applications, type Application } from './applications';
import { Changes } from './collection';
import { DevicePresence } from './device-presence';
import { Tenant, type TenantData } from './tenant';

/** The contents of the data file. */
export interface StoreData {
  /** The initial password of every person and device. */
  password?: string;
  tenants: TenantData[];
  applications?: Application[];
}

/** The platform's state, in memory. */
export class Store {
  readonly changes = new Changes();
  readonly applications: Applications;
  readonly presence = new DevicePresence(this);
  private readonly tenants = new Map<string, Tenant>();
  private readonly touchListeners = new Set<() => void>();
  private seededPassword: string | undefined;

  constructor(
    data: StoreData = { tenants: [] },
    readonly now: () => Date = () => new Date(),
  ) {
    this.seededPassword = data.password;
    this.applications = new Applications(() => this.touched(), data.applications);
    for (const tenant of data.tenants) this.addTenant(tenant);
    this.presence.begin();
  }

  tenant(name: string): Tenant | undefined {
    return this.tenants.get(name);
  }

  listTenants(): Tenant[] {
    return [...this.tenants.values()];
  }

  addTenant(data: TenantData): Tenant {
    const tenant = new Tenant(data, this.changes, () => this.touched());
    this.tenants.set(tenant.name, tenant);
    return tenant;
  }

  /** The initial password of every person and device; `undefined` before the store is seeded. */
  get password(): string | undefined {
    return this.seededPassword;
  }

  set password(password: string | undefined) {
    this.seededPassword = password;
    this.touched();
  }

  /** Calls the listener after every change, including those that real time does not publish. */
  onTouched(listener: () => void): void {
    this.touchListeners.add(listener);
  }

  toJSON(): StoreData {
    const tenants = this.listTenants().map(tenant => tenant.toJSON());
    return {
      ...(this.password !== undefined && { password: this.password }),
      tenants,
      applications: this.applications.toJSON(),
    };
  }

  private touched(): void {
    for (const listener of this.touchListeners) listener();
  }
}
