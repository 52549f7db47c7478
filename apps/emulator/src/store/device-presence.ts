import type { ManagedObject } from '@remote-access/contracts/platform';
import type { Tenant } from './tenant';

const MINUTE_MS = 60_000;

/** The part of the store that is used here. */
interface Tenants {
  readonly now: () => Date;
  tenant(name: string): Tenant | undefined;
  listTenants(): Tenant[];
}

/**
 * What the platform writes on a device to show whether it can be reached: `c8y_Connection`, whether
 * it listens for operations, and `c8y_Availability`, when it last sent something, if
 * `c8y_RequiredAvailability` asks for that.
 */
export class DevicePresence {
  /** How many listening connections a device has, by tenant and device. */
  private readonly listening = new Map<string, number>();

  constructor(private readonly store: Tenants) {}

  /** The platform has started: earlier connections no longer exist. */
  begin(): void {
    for (const tenant of this.store.listTenants()) {
      for (const device of tenant.managedObjects.list()) {
        if (device['c8y_Connection']) this.connection(tenant.name, device.id, 'DISCONNECTED');
      }
    }
  }

  /** @returns a function to call once, when the device stops listening */
  listens(tenant: string, deviceId: string): () => void {
    const key = `${tenant}/${deviceId}`;
    const before = this.listening.get(key) ?? 0;
    this.listening.set(key, before + 1);
    if (before === 0) this.connection(tenant, deviceId, 'CONNECTED');
    return () => {
      const left = this.listening.get(key)! - 1;
      if (left > 0) this.listening.set(key, left);
      else this.listening.delete(key);
      if (left === 0) this.connection(tenant, deviceId, 'DISCONNECTED');
    };
  }

  /** A device user has sent something. */
  heardOf(tenant: Tenant, userName: string): void {
    for (const device of tenant.managedObjects.list()) {
      if (device.owner !== userName || intervalMsOf(device) === undefined) continue;
      const lastMessage = this.store.now().toISOString();
      tenant.managedObjects.put({
        ...device,
        c8y_Availability: { status: 'AVAILABLE', lastMessage },
      });
    }
  }

  private connection(tenantName: string, deviceId: string, status: string): void {
    const tenant = this.store.tenant(tenantName);
    const device = tenant?.managedObjects.get(deviceId);
    // The device may have been deleted in the meantime.
    if (device) tenant!.managedObjects.put({ ...device, c8y_Connection: { status } });
  }
}

/**
 * The device with its current availability: one that has been silent for longer than its interval
 * is unavailable.
 */
export function withAvailability(device: ManagedObject, now: Date): ManagedObject {
  const intervalMs = intervalMsOf(device);
  const { lastMessage } = Object(device['c8y_Availability']) as { lastMessage?: string };
  if (intervalMs === undefined || lastMessage === undefined) return device;
  if (now.getTime() - Date.parse(lastMessage) <= intervalMs) return device;
  return { ...device, c8y_Availability: { status: 'UNAVAILABLE', lastMessage } };
}

/** @returns `undefined` if no required interval is configured */
function intervalMsOf(device: ManagedObject): number | undefined {
  const required = Object(device['c8y_RequiredAvailability']) as { responseInterval?: unknown };
  const minutes = required.responseInterval;
  return typeof minutes === 'number' && minutes > 0 ? minutes * MINUTE_MS : undefined;
}
