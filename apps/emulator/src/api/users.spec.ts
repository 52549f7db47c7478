import type { Emulator } from '../emulator';
import { RestClient, startEmulator } from '../rest-client.fixture';

const OPERATOR = '/user/t1001/users/operator';
const READ = 'ROLE_REMOTE_ACCESS_READ';

let emulator: Emulator;
const as = (user?: string, password?: string) => new RestClient(emulator.url, user, password);

beforeEach(async () => {
  emulator = await startEmulator();
});
afterEach(() => emulator.stop());

const roles = async (): Promise<string[]> => {
  const { body } = await as('operator').get('/user/currentUser');
  return body.effectiveRoles.map(({ name }: { name: string }) => name);
};

it('refuses the calls of a user while the user is disabled', async () => {
  const reply = await as('admin').put(OPERATOR, { enabled: false });
  expect(reply).toMatchObject({ status: 200, body: { id: 'operator', enabled: false } });
  expect((await as('operator').get('/user/currentUser')).status).toBe(401);
  await as('admin').put(OPERATOR, { enabled: true });
  expect((await as('operator').get('/user/currentUser')).status).toBe(200);
});

it('updates the given fields and keeps the others, including the password', async () => {
  await as('admin').put(OPERATOR, { email: 'otto@example.com' });
  expect((await as('operator').get(OPERATOR)).body).toMatchObject({
    displayName: 'Otto Operator',
    email: 'otto@example.com',
  });
  await as('admin').put(OPERATOR, { password: 'another one' });
  expect((await as('operator').get(OPERATOR)).status).toBe(401);
  expect((await as('operator', 'another one').get(OPERATOR)).status).toBe(200);
});

it('shows which roles devices have, as those of the group they belong to on the platform', async () => {
  const { body } = await as('admin').get('/user/t1001/groupByName/devices');
  const names = body.roles.references.map(({ role }: { role: { id: string } }) => role.id);
  expect(names).toEqual(emulator.store.tenant('t1001')!.accounts.get('device_gw-1')!.roles);
  expect((await as('admin').get('/user/t1001/groupByName/others')).status).toBe(404);
  expect((await as('admin').get('/user/t1002/groupByName/devices')).status).toBe(403);
});

it('removes a role and adds it again', async () => {
  expect((await as('admin').delete(`${OPERATOR}/roles/${READ}`)).status).toBe(204);
  expect(await roles()).not.toContain(READ);
  expect((await as('admin').delete(`${OPERATOR}/roles/${READ}`)).status).toBe(404);
  const role = { self: `${emulator.url}/user/roles/${READ}` };
  expect((await as('admin').post(`${OPERATOR}/roles`, { role })).status).toBe(201);
  expect(await roles()).toContain(READ);
});

it('deletes a user', async () => {
  expect((await as('admin').delete(OPERATOR)).status).toBe(204);
  expect((await as('operator').get('/user/currentUser')).status).toBe(401);
  expect((await as('admin').get(OPERATOR)).status).toBe(404);
});

it('keeps users across a restart', async () => {
  await as('admin').delete(OPERATOR);
  const next = await startEmulator();
  expect((await new RestClient(next.url, 'operator').get('/user/currentUser')).status).toBe(200);
  await next.stop();
});

it.each([
  ['viewer', 'PUT', OPERATOR, 403],
  ['engineer', 'DELETE', OPERATOR, 403],
  ['t1002/admin', 'DELETE', OPERATOR, 403],
  ['admin', 'DELETE', '/user/t1001/users/admin', 403],
  ['admin', 'PUT', '/user/t1001/users/nobody', 404],
  [undefined, 'PUT', OPERATOR, 401],
] as const)('answers %s to %s %s with %i', async (user, method, path, status) => {
  const reply = method === 'PUT' ? as(user).put(path, { enabled: true }) : as(user).delete(path);
  expect((await reply).status).toBe(status);
});

it.each([{ enabled: 'no' }, { email: 7 }, { password: [] }])(
  'refuses %j with 422',
  async change => {
    expect((await as('admin').put(OPERATOR, change)).status).toBe(422);
  },
);

it('refuses a malformed role with 422', async () => {
  const role = { self: `${emulator.url}/user/roles/../x` };
  expect((await as('admin').post(`${OPERATOR}/roles`, { role })).status).toBe(422);
});
