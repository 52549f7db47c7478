import type { Emulator } from '../emulator';
import { RestClient, startEmulator } from '../rest-client.fixture';

describe('the tenant and its users', () => {
  let emulator: Emulator;
  const as = (user?: string) => new RestClient(emulator.url, user);

  beforeEach(async () => {
    emulator = await startEmulator();
  });
  afterEach(() => emulator.stop());

  it('are those of the caller', async () => {
    expect((await as('viewer').get('/tenant/currentTenant?withParent=true')).body.name).toBe(
      't1001',
    );
    expect((await as('t1002/admin').get('/tenant/currentTenant')).body.name).toBe('t1002');
  });

  it.each([
    ['admin', '/user/t1001/users', 200],
    ['admin', '/user/t1002/users', 403],
    ['viewer', '/user/t1001/users', 403],
    ['viewer', '/user/t1001/users/viewer', 200],
    ['viewer', '/user/t1001/users/admin', 403],
    ['admin', '/user/t1001/users/viewer', 200],
    ['admin', '/user/t1002/users/admin', 403],
    ['admin', '/user/t1001/users/nobody', 404],
    [undefined, '/user/t1001/users', 401],
  ])('answer %s at %s with %i and never with a password', async (user, path, status) => {
    const reply = await as(user).get(path);
    expect(reply.status).toBe(status);
    expect(reply.text).not.toContain('password"');
  });

  it('have the documented roles', async () => {
    const roles = async (user: string): Promise<string[]> =>
      (await as(user).get('/user/currentUser')).body.effectiveRoles.map(
        (role: { name: string }) => role.name,
      );
    const everyone = ['ROLE_ALARM_READ', 'ROLE_EVENT_READ', 'ROLE_USER_MANAGEMENT_OWN_READ'];
    const operator = [
      ...everyone,
      'ROLE_INVENTORY_READ',
      'ROLE_REMOTE_ACCESS_READ',
      'ROLE_DEVICE_CONTROL_ADMIN',
      'ROLE_DEVICE_CONTROL_READ',
      'ROLE_AUDIT_READ',
    ];
    expect((await roles('viewer')).sort()).toEqual([...everyone, 'ROLE_INVENTORY_READ'].sort());
    expect((await roles('operator')).sort()).toEqual(operator.sort());
    expect((await roles('engineer')).sort()).toEqual(
      [...operator, 'ROLE_REMOTE_ACCESS_ADMIN'].sort(),
    );
    expect((await roles('device_gw-1')).sort()).toEqual([
      'ROLE_AUDIT_READ',
      'ROLE_DEVICE',
      'ROLE_DEVICE_CONTROL_READ',
      'ROLE_IDENTITY_ADMIN',
      'ROLE_INVENTORY_CREATE',
      'ROLE_INVENTORY_READ',
    ]);
  });

  it.each([
    ['/features?pageSize=1000', 200],
    ['/tenant/system/options', 200],
    ['/tenant/system/options/system/version', 404],
    ['/tenant/loginOptions/BASIC', 404],
  ])(
    'answer the shell at %s with %i, and an unauthenticated caller with 401',
    async (path, status) => {
      expect((await as('viewer').get(path)).status).toBe(status);
      expect((await as().get(path)).status).toBe(401);
    },
  );
});
