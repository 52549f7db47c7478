import { basic, Stack } from '../fixtures/stack';

const LIST = '/service/remoteaccess/devices/1001/configurations';

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

const statusOf = async (headers: Record<string, string>, path = LIST): Promise<number> =>
  (await fetch(stack.emulator.url + path, { headers })).status;

const account = (id: string) => {
  const accounts = stack.emulator.store.tenant('t1001')?.accounts;
  const found = accounts?.get(id);
  if (!accounts || !found) throw new Error(`no account ${id}`);
  return { ...found, change: (change: object) => accounts.put({ ...found, ...change }) };
};

describe('the caller is known', () => {
  it('by Basic credentials with and without the tenant', async () => {
    expect(await statusOf({ authorization: basic('operator') })).toBe(200);
    expect(await statusOf({ authorization: basic('t1001/operator') })).toBe(200);
  });

  it('by Basic credentials without the tenant under the host of another tenant', async () => {
    const list = '/devices/2001/configurations';
    const statusUnder = async (host: string, user: string): Promise<number> => {
      const headers = { authorization: basic(user), 'x-forwarded-host': host };
      return (await fetch(stack.microservice.url + list, { headers })).status;
    };
    expect(await statusUnder('t1002.example.com', 'admin')).toBe(200);
    expect(await statusUnder('t1001.example.com', 'admin')).toBe(404);
    expect(await statusUnder('t1002.example.com', 't1001/admin')).toBe(404);
    expect(await statusUnder('t1002.example.com', 'operator')).toBe(401);
  });

  it('by a bearer token', async () => {
    const { accessToken } = await stack.signIn('operator');
    expect(await statusOf({ authorization: `Bearer ${accessToken}` })).toBe(200);
    expect(await statusOf({ authorization: `Bearer ${accessToken}x` })).toBe(401);
  });

  it('not without the right to query their own user, which the response names', async () => {
    await stack.stop();
    stack = await Stack.start({ agent: false, asHosted: true });
    const { roles, change } = account('operator');
    change({ roles: roles.filter(role => role !== 'ROLE_USER_MANAGEMENT_OWN_READ') });
    const headers = { authorization: basic('operator') };
    const answer = await fetch(stack.emulator.url + LIST, { headers });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({
      message: 'You need the permission READ for "Own user management".',
    });
  });

  it('by the sign-in cookie, but only with the right XSRF token', async () => {
    const { cookie, xsrfToken } = await stack.signIn('operator');
    expect(await statusOf({ cookie, 'x-xsrf-token': xsrfToken })).toBe(200);
    expect(await statusOf({ cookie, 'x-xsrf-token': 'wrong' })).toBe(401);
    expect(await statusOf({ cookie })).toBe(401);
    expect(await statusOf({ cookie }, `${LIST}?XSRF-TOKEN=${xsrfToken}`)).toBe(401);
  });

  it('by the cookie, regardless of the Authorization header', async () => {
    const { cookie, xsrfToken } = await stack.signIn('viewer');
    const headers = { cookie, 'x-xsrf-token': xsrfToken };
    expect(await statusOf(headers)).toBe(403);
    expect(await statusOf({ ...headers, authorization: basic('operator') })).toBe(403);
    expect(await statusOf({ ...headers, authorization: basic('viewer', 'wrong') })).toBe(403);
  });
});

describe('a permission', () => {
  it('that is revoked or granted takes effect on the next request', async () => {
    const authorization = basic('operator');
    expect(await statusOf({ authorization })).toBe(200);
    const { roles, change } = account('operator');
    change({ roles: roles.filter(role => role !== 'ROLE_REMOTE_ACCESS_READ') });
    expect(await statusOf({ authorization })).toBe(403);
    change({ roles });
    expect(await statusOf({ authorization })).toBe(200);
  });

  it('is gone with the user', async () => {
    const authorization = basic('operator');
    expect(await statusOf({ authorization })).toBe(200);
    account('operator').change({ enabled: false });
    expect(await statusOf({ authorization })).toBe(401);
  });

  it('on individual devices decides which of them the caller sees', async () => {
    const { roles, change } = account('operator');
    change({
      roles: roles.filter(role => role !== 'ROLE_INVENTORY_READ'),
      devicePermissions: { '1001': ['MANAGED_OBJECT:*:READ'] },
    });
    const authorization = basic('operator');
    expect(await statusOf({ authorization })).toBe(200);
    expect(await statusOf({ authorization }, LIST.replace('1001', '1002'))).toBe(404);
  });
});

describe('a platform that fails', () => {
  const rename = (name: string): Promise<unknown> =>
    stack.json('/inventory/managedObjects/1001', {
      method: 'PUT',
      user: 'admin',
      body: JSON.stringify({ name }),
    });

  const answerTo = async (method: string, body?: object): Promise<[number, string]> => {
    const sent = body ? { body: JSON.stringify(body) } : {};
    const response = await stack.fetch(LIST, { method, ...sent });
    const answer = (await response.json()) as { error: string };
    return [response.status, answer.error];
  };

  it.each([
    ['fail-500', 502, 'remoteaccess/platform-failed'],
    ['fail-503', 502, 'remoteaccess/platform-failed'],
    ['drop-connection', 502, 'remoteaccess/platform-failed'],
    ['fail-403', 404, 'remoteaccess/device-not-found'],
  ])('with %s is reported as %i', async (word, status, error) => {
    await rename(`Gateway ${word}`);
    expect(await answerTo('GET')).toEqual([status, error]);
  });

  it('to answer within five seconds is not awaited any longer', async () => {
    await rename('Gateway slow-9s');
    const startedAt = performance.now();
    expect(await answerTo('GET')).toEqual([504, 'remoteaccess/platform-timeout']);
    expect(performance.now() - startedAt).toBeLessThan(7_000);
  }, 15_000);

  it.each([
    ['fail-500', 502, 'remoteaccess/platform-failed'],
    ['fail-409', 409, 'remoteaccess/conflict'],
  ])('to write (%s) leaves the list unchanged, and the next write works', async (...row) => {
    const [word, status, error] = row;
    const endpoint = { hostname: 'h', port: 23, protocol: 'TELNET' } as const;
    const named = (name: string): object => ({ ...endpoint, name });
    expect(await answerTo('POST', named(`Endpoint ${word}`))).toEqual([status, error]);
    expect(await stack.json(LIST)).toEqual([]);
    await expect(stack.addEndpoint({ ...endpoint, name: 'Works' })).resolves.toMatchObject({
      id: '1',
    });
  });
});
