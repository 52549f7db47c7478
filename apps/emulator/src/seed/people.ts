import type { Account } from '../store/tenant';

/** The password of everybody in the local stack: it is a demonstration, on loopback only. */
export const PASSWORD = 'remote-access';

const EVERYBODY = ['ROLE_ALARM_READ', 'ROLE_EVENT_READ', 'ROLE_USER_MANAGEMENT_OWN_READ'];

const OPERATOR = [
  ...EVERYBODY,
  'ROLE_INVENTORY_READ',
  'ROLE_REMOTE_ACCESS_READ',
  'ROLE_DEVICE_CONTROL_ADMIN',
  'ROLE_DEVICE_CONTROL_READ',
  'ROLE_AUDIT_READ',
];

const ADMIN = [
  ...OPERATOR,
  'ROLE_REMOTE_ACCESS_ADMIN',
  'ROLE_INVENTORY_ADMIN',
  'ROLE_INVENTORY_CREATE',
  'ROLE_IDENTITY_READ',
  'ROLE_IDENTITY_ADMIN',
  'ROLE_ALARM_ADMIN',
  'ROLE_EVENT_ADMIN',
  'ROLE_MEASUREMENT_READ',
  'ROLE_AUDIT_ADMIN',
  'ROLE_OPTION_MANAGEMENT_READ',
  'ROLE_OPTION_MANAGEMENT_ADMIN',
  'ROLE_APPLICATION_MANAGEMENT_READ',
  'ROLE_TENANT_MANAGEMENT_READ',
  'ROLE_USER_MANAGEMENT_READ',
  'ROLE_USER_MANAGEMENT_ADMIN',
];

/** The administrator, whom every tenant has. */
export const administrator: Account = person('admin', 'Ada Admin', ADMIN);

/** The further people of the first tenant. */
export const staff: readonly Account[] = [
  person('engineer', 'Eva Engineer', [...OPERATOR, 'ROLE_REMOTE_ACCESS_ADMIN']),
  person('operator', 'Otto Operator', OPERATOR),
  person('viewer', 'Vera Viewer', [...EVERYBODY, 'ROLE_INVENTORY_READ']),
];

function person(id: string, displayName: string, roles: string[]): Account {
  return {
    id,
    displayName,
    email: `${id}@example.com`,
    password: PASSWORD,
    kind: 'human',
    enabled: true,
    roles,
    devicePermissions: {},
  };
}
