import { randomBytes } from 'node:crypto';
import type { Account, Tenant } from '../store/tenant';

export const MICROSERVICE = 'cloud-remote-access';

/** The user as which the microservice finds its subscribed tenants, in the tenant `management`. */
export const bootstrapUser: Omit<Account, 'password'> = {
  id: `servicebootstrap_${MICROSERVICE}`,
  displayName: `Bootstrap user of ${MICROSERVICE}`,
  kind: 'bootstrap',
  enabled: true,
  roles: ['ROLE_APPLICATION_MANAGEMENT_READ'],
  devicePermissions: {},
  application: MICROSERVICE,
};

/** The user as which a device requests its own credentials, in the tenant `management`. */
export const deviceBootstrapUser: Omit<Account, 'password'> = {
  id: 'devicebootstrap',
  displayName: 'Bootstrap user of devices',
  kind: 'bootstrap',
  enabled: true,
  roles: ['ROLE_DEVICE_BOOTSTRAP'],
  devicePermissions: {},
};

/** The manifest's `requiredRoles`. */
const SERVICE_ROLES = [
  'ROLE_INVENTORY_READ',
  'ROLE_INVENTORY_ADMIN',
  'ROLE_DEVICE_CONTROL_READ',
  'ROLE_DEVICE_CONTROL_ADMIN',
  'ROLE_AUDIT_READ',
  'ROLE_AUDIT_ADMIN',
  'ROLE_OPTION_MANAGEMENT_READ',
  'ROLE_OPTION_MANAGEMENT_ADMIN',
  'ROLE_USER_MANAGEMENT_READ',
];

/**
 * Gives the service user the roles that the current manifest requires, as uploading a new version
 * does.
 */
export function updateMicroservice(tenant: Tenant): void {
  const account = tenant.accounts.get(`service_${MICROSERVICE}`);
  if (account) tenant.accounts.put({ ...account, roles: SERVICE_ROLES });
}

/** Subscribes a tenant: adds the service user. Key material is left to the service. */
export function subscribeMicroservice(tenant: Tenant): void {
  tenant.accounts.put({
    id: `service_${MICROSERVICE}`,
    displayName: `Service user of ${MICROSERVICE}`,
    password: randomBytes(24).toString('base64url'),
    kind: 'service',
    enabled: true,
    roles: SERVICE_ROLES,
    devicePermissions: {},
    application: MICROSERVICE,
  });
}
