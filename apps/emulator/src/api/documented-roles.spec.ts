import type { Emulator } from '../emulator';
import { PASSWORD, startEmulator } from '../rest-client.fixture';
import type { Store } from '../store/store';

interface Row {
  readonly call: string;
  /** Each of these roles alone is sufficient, and no other is. */
  readonly roles: readonly string[];
  readonly body?: unknown;
  /** Creates what the request deletes or needs. */
  readonly prepare?: (store: Store) => void;
}

const OPTION = { category: 'roles', key: 'a', value: '1' };
const RECORD = { type: 't', activity: 'a', text: 'x', time: '2026-01-01T00:00:00Z' };
const EVENT = { type: 't', text: 'x', time: '2026-01-01T00:00:00Z', source: { id: '1001' } };

const tenantOf = (store: Store) => store.tenant('t1001')!;
const option = (store: Store): void => {
  tenantOf(store).options.put({ id: 'roles/a', ...OPTION });
};
const externalId = (store: Store): void => {
  const id = { id: 't:x', type: 't', externalId: 'x', managedObjectId: '1001' };
  tenantOf(store).externalIds.put(id);
};
const withoutExternalId = (store: Store): void => {
  tenantOf(store).externalIds.delete('t:x');
};
const operation = (store: Store): void => {
  tenantOf(store).operations.put({
    id: '7',
    deviceId: '1001',
    status: 'PENDING',
    creationTime: '2026-01-01T00:00:00Z',
  });
};
const object = (store: Store): void => {
  tenantOf(store).managedObjects.put({ id: '8', owner: 'somebody' });
};
const user = (store: Store): void => {
  const { accounts } = tenantOf(store);
  accounts.put({ ...accounts.get('viewer')!, id: 'other', roles: ['ROLE_ALARM_READ'] });
};

// The roles that the platform's OpenAPI document names for each request, as repeated by its
// generated clients. The device 1001 belongs to another user, who has no inventory role.
const TABLE: readonly Row[] = [
  { call: 'GET /user/currentUser', roles: ['ROLE_SYSTEM', 'ROLE_USER_MANAGEMENT_OWN_READ'] },
  { call: 'GET /tenant/currentTenant', roles: ['ROLE_SYSTEM', 'ROLE_USER_MANAGEMENT_OWN_READ'] },
  {
    call: 'GET /user/t1001/users',
    roles: ['ROLE_USER_MANAGEMENT_CREATE', 'ROLE_USER_MANAGEMENT_READ'],
  },
  {
    call: 'GET /user/t1001/groupByName/devices',
    roles: ['ROLE_USER_MANAGEMENT_CREATE', 'ROLE_USER_MANAGEMENT_READ'],
  },
  { call: 'GET /user/t1001/users/other', roles: ['ROLE_USER_MANAGEMENT_READ'], prepare: user },
  {
    call: 'PUT /user/t1001/users/other',
    roles: ['ROLE_USER_MANAGEMENT_ADMIN'],
    body: { enabled: true },
    prepare: user,
  },
  { call: 'DELETE /user/t1001/users/other', roles: ['ROLE_USER_MANAGEMENT_ADMIN'], prepare: user },
  {
    call: 'POST /user/t1001/users/other/roles',
    roles: ['ROLE_USER_MANAGEMENT_ADMIN'],
    body: { role: { self: '/user/roles/ROLE_EVENT_READ' } },
    prepare: user,
  },
  {
    call: 'DELETE /user/t1001/users/other/roles/ROLE_ALARM_READ',
    roles: ['ROLE_USER_MANAGEMENT_ADMIN'],
    prepare: user,
  },
  { call: 'GET /application/applications', roles: ['ROLE_APPLICATION_MANAGEMENT_READ'] },
  { call: 'GET /application/applicationsByName/x', roles: ['ROLE_APPLICATION_MANAGEMENT_READ'] },
  {
    call: 'GET /application/applicationsByTenant/t1001',
    roles: ['ROLE_APPLICATION_MANAGEMENT_READ'],
  },
  {
    call: 'POST /inventory/managedObjects',
    roles: ['ROLE_INVENTORY_ADMIN', 'ROLE_INVENTORY_CREATE'],
    body: {},
  },
  { call: 'GET /inventory/managedObjects/8', roles: ['ROLE_INVENTORY_READ'], prepare: object },
  {
    call: 'PUT /inventory/managedObjects/8',
    roles: ['ROLE_INVENTORY_ADMIN'],
    body: {},
    prepare: object,
  },
  { call: 'DELETE /inventory/managedObjects/8', roles: ['ROLE_INVENTORY_ADMIN'], prepare: object },
  { call: 'GET /inventory/managedObjects/1001/childDevices', roles: ['ROLE_INVENTORY_READ'] },
  {
    call: 'POST /inventory/managedObjects/1001/childAssets',
    roles: ['ROLE_INVENTORY_ADMIN'],
    body: { managedObject: { id: '8' } },
    prepare: object,
  },
  { call: 'GET /identity/externalIds/t/x', roles: ['ROLE_IDENTITY_READ'], prepare: externalId },
  { call: 'DELETE /identity/externalIds/t/x', roles: ['ROLE_IDENTITY_ADMIN'], prepare: externalId },
  { call: 'GET /identity/globalIds/1001/externalIds', roles: ['ROLE_IDENTITY_READ'] },
  {
    call: 'POST /identity/globalIds/1001/externalIds',
    roles: ['ROLE_IDENTITY_ADMIN'],
    body: { type: 't', externalId: 'x' },
    prepare: withoutExternalId,
  },
  { call: 'GET /devicecontrol/operations', roles: ['ROLE_DEVICE_CONTROL_READ'] },
  { call: 'GET /devicecontrol/operations?deviceId=1001', roles: ['ROLE_DEVICE_CONTROL_READ'] },
  {
    call: 'GET /devicecontrol/operations/7',
    roles: ['ROLE_DEVICE_CONTROL_READ'],
    prepare: operation,
  },
  {
    call: 'POST /devicecontrol/operations',
    roles: ['ROLE_DEVICE_CONTROL_ADMIN'],
    body: { deviceId: '1001', c8y_Restart: {} },
  },
  {
    call: 'PUT /devicecontrol/operations/7',
    roles: ['ROLE_DEVICE_CONTROL_ADMIN'],
    body: { status: 'EXECUTING' },
    prepare: operation,
  },
  { call: 'GET /audit/auditRecords', roles: ['ROLE_AUDIT_READ'] },
  {
    call: 'POST /audit/auditRecords',
    roles: ['ROLE_AUDIT_ADMIN', 'ROLE_SYSTEM'],
    body: RECORD,
  },
  { call: 'GET /tenant/options', roles: ['ROLE_OPTION_MANAGEMENT_READ'] },
  { call: 'POST /tenant/options', roles: ['ROLE_OPTION_MANAGEMENT_ADMIN'], body: OPTION },
  { call: 'GET /tenant/options/roles', roles: ['ROLE_OPTION_MANAGEMENT_READ'] },
  {
    call: 'PUT /tenant/options/roles',
    roles: ['ROLE_OPTION_MANAGEMENT_ADMIN'],
    body: { a: '1' },
  },
  { call: 'GET /tenant/options/roles/a', roles: ['ROLE_OPTION_MANAGEMENT_READ'], prepare: option },
  {
    call: 'PUT /tenant/options/roles/a',
    roles: ['ROLE_OPTION_MANAGEMENT_ADMIN'],
    body: { value: '2' },
  },
  {
    call: 'DELETE /tenant/options/roles/a',
    roles: ['ROLE_OPTION_MANAGEMENT_ADMIN'],
    prepare: option,
  },
  { call: 'GET /alarm/alarms', roles: ['ROLE_ALARM_READ'] },
  {
    call: 'POST /alarm/alarms',
    roles: ['ROLE_ALARM_ADMIN'],
    body: { ...EVENT, severity: 'MINOR' },
  },
  { call: 'GET /event/events', roles: ['ROLE_EVENT_READ'] },
  { call: 'POST /event/events', roles: ['ROLE_EVENT_ADMIN'], body: EVENT },
];

const EVERY_ROLE = [
  ...new Set([
    ...TABLE.flatMap(({ roles }) => roles),
    'ROLE_DEVICE',
    'ROLE_REMOTE_ACCESS_ADMIN',
    'ROLE_TENANT_MANAGEMENT_READ',
  ]),
].sort();

describe('with the documented roles', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator({ asHosted: true });
  });
  afterAll(() => emulator.stop());

  /** The status for a user with these roles only. */
  async function statusFor(roles: readonly string[], { call, body, prepare }: Row) {
    const { store, url } = emulator;
    const { accounts } = tenantOf(store);
    accounts.put({ ...accounts.get('viewer')!, id: 'lone', roles: [...roles] });
    prepare?.(store);
    const [method = '', path = ''] = call.split(' ');
    const { status } = await fetch(url + path, {
      method,
      headers: {
        authorization: `Basic ${btoa(`t1001/lone:${PASSWORD}`)}`,
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return status;
  }

  it.each(TABLE)('$call needs one of $roles', async row => {
    const admitted: string[] = [];
    for (const role of EVERY_ROLE) {
      const status = await statusFor([role], row);
      if (status < 300) admitted.push(role);
      else expect(status).toBe(403);
    }
    expect(admitted).toEqual(row.roles);
    // Not even together.
    const others = EVERY_ROLE.filter(role => !row.roles.includes(role));
    expect(await statusFor(others, row)).toBe(403);
    expect(await statusFor([], row)).toBe(403);
  });
});
