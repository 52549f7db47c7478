import { FRAGMENTS, ROLES } from '@remote-access/contracts/platform';
import type { Account, Tenant } from '../store/tenant';

interface DeviceSeed {
  /** The managed object's id. Tests rely on it. */
  readonly id: string;
  readonly name: string;
  /** The external id of type `c8y_Serial`. The device's user is `device_{serial}`. */
  readonly serial: string;
  readonly hasRemoteAccess: boolean;
}

/** The roles that thin-edge.io's documentation names for a device's user. */
const DEVICE_ROLES = [
  ROLES.device,
  ROLES.deviceControlRead,
  ROLES.inventoryRead,
  'ROLE_INVENTORY_CREATE',
  'ROLE_AUDIT_READ',
  'ROLE_IDENTITY_ADMIN',
];

/** Our agent runs on the "Factory gateway"; the "Spare gateway" is for other agents. */
export const FIRST_TENANT_DEVICES: readonly DeviceSeed[] = [
  { id: '1001', name: 'Factory gateway', serial: 'gw-1', hasRemoteAccess: true },
  { id: '1002', name: 'Spare gateway', serial: 'gw-2', hasRemoteAccess: true },
  { id: '1003', name: 'Weather station', serial: 'ws-1', hasRemoteAccess: false },
];

/** For tests that tenants are isolated from each other. */
export const SECOND_TENANT_DEVICES: readonly DeviceSeed[] = [
  { id: '2001', name: 'Other gateway', serial: 'gw-t2', hasRemoteAccess: true },
];

/** The user of a device, as registration creates it. */
export function deviceAccount(serial: string, password: string, displayName = serial): Account {
  return {
    id: `device_${serial}`,
    displayName,
    password,
    kind: 'device',
    enabled: true,
    roles: DEVICE_ROLES,
    devicePermissions: {},
  };
}

/** Adds a device: its managed object, its external id and its user, which owns the object. */
export function seedDevice(tenant: Tenant, seed: DeviceSeed, password: string, now: Date): void {
  const owner = `device_${seed.serial}`;
  const time = now.toISOString();
  tenant.ids.skipTo(Number(seed.id));
  tenant.accounts.put(deviceAccount(seed.serial, password, seed.name));
  tenant.managedObjects.put({
    id: seed.id,
    name: seed.name,
    type: seed.hasRemoteAccess ? 'c8y_RemoteAccessGateway' : 'c8y_WeatherStation',
    owner,
    creationTime: time,
    lastUpdated: time,
    c8y_IsDevice: {},
    c8y_Hardware: { model: 'Demonstration', serialNumber: seed.serial, revision: '1' },
    ...(seed.hasRemoteAccess && {
      com_cumulocity_model_Agent: {},
      // Minutes. Only with this fragment does the platform record when a device last sent
      // something.
      c8y_RequiredAvailability: { responseInterval: 30 },
      c8y_SupportedOperations: [FRAGMENTS.connect],
    }),
  });
  tenant.externalIds.put({
    id: `c8y_Serial:${seed.serial}`,
    type: 'c8y_Serial',
    externalId: seed.serial,
    managedObjectId: seed.id,
  });
}
