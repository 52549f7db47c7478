import { randomBytes } from 'node:crypto';
import type { Store } from '../store/store';
import type { Account } from '../store/tenant';

type Person = Omit<Account, 'password'>;

const EVERYONE = ['ROLE_ALARM_READ', 'ROLE_EVENT_READ', 'ROLE_USER_MANAGEMENT_OWN_READ'];

const OPERATOR = [
  ...EVERYONE,
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
  'ROLE_APPLICATION_MANAGEMENT_ADMIN',
  'ROLE_TENANT_MANAGEMENT_READ',
  'ROLE_TENANT_ADMIN',
  'ROLE_USER_MANAGEMENT_READ',
  'ROLE_USER_MANAGEMENT_ADMIN',
];

/** The administrator that every tenant has. */
export const administrator: Person = person('admin', 'Ada Admin', ADMIN);

/** The operator of the platform: subscribes tenants to its applications. */
export const platformOperator: Person = person('admin', 'Pat Platform', [
  'ROLE_TENANT_MANAGEMENT_READ',
  'ROLE_TENANT_MANAGEMENT_ADMIN',
  'ROLE_APPLICATION_MANAGEMENT_READ',
  'ROLE_USER_MANAGEMENT_OWN_READ',
]);

/** The other people of the first tenant. */
export const staff: readonly Person[] = [
  person('engineer', 'Eva Engineer', [...OPERATOR, 'ROLE_REMOTE_ACCESS_ADMIN']),
  person('operator', 'Otto Operator', OPERATOR),
  person('viewer', 'Vera Viewer', [...EVERYONE, 'ROLE_INVENTORY_READ']),
];

function person(id: string, displayName: string, roles: string[]): Person {
  return {
    id,
    displayName,
    email: `${id}@example.com`,
    kind: 'human',
    enabled: true,
    roles,
    devicePermissions: {},
  };
}

/** Five bits per character, without letters that look like digits. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** 100 random bits, in groups that are easy to type. */
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** The password with which older data files were seeded. It was published. */
const FORMER_PASSWORD = 'remote-access';

export function randomPassword(): string {
  const characters = Array.from(randomBytes(GROUPS * GROUP_LENGTH), byte => ALPHABET[byte & 31]);
  return Array.from({ length: GROUPS }, (_, group) =>
    characters.slice(group * GROUP_LENGTH, (group + 1) * GROUP_LENGTH).join(''),
  ).join('-');
}

/** Sets the password of everyone who still has the one of the last start. */
export function changePassword(store: Store, password: string): void {
  const former = store.password ?? FORMER_PASSWORD;
  store.password = password;
  for (const { accounts } of store.listTenants()) {
    for (const account of accounts.list()) {
      if (account.kind !== 'service' && account.password === former) {
        accounts.put({ ...account, password });
      }
    }
  }
}
