import { request, type OutgoingHttpHeaders } from 'node:http';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { basic, Stack } from '../fixtures/stack';
import { ENDPOINT, SIGNED_IN, TABLE, type TableRow } from './route-table';

/**
 * Calls every REST route as every kind of caller and compares the status with the table. WebSockets
 * are covered by door.spec.ts and other specs in this folder.
 */
const CALLERS = {
  nobody: {},
  'wrong password': { authorization: basic('engineer', 'wrong') },
  'unknown user': { authorization: basic('nobody') },
  'unknown tenant': { authorization: basic('t9999/engineer') },
  'other tenant': { authorization: basic('t1002/admin') },
  'cookie without XSRF token': { cookie: 'authorization=abc' },
  viewer: { authorization: basic('viewer') },
  operator: { authorization: basic('operator') },
  engineer: { authorization: basic('engineer') },
  admin: { authorization: basic('admin') },
  gateway: { authorization: basic('device_gw-1') },
  'other gateway': { authorization: basic('device_gw-2') },
} as const satisfies Record<string, OutgoingHttpHeaders>;
type CallerName = keyof typeof CALLERS;

const LIST = '/devices/1001/configurations';

const UNAUTHENTICATED = [
  'nobody',
  'wrong password',
  'unknown user',
  'unknown tenant',
  'cookie without XSRF token',
] as const satisfies readonly CallerName[];

let stack: Stack;
let list: unknown;
beforeAll(async () => {
  stack = await Stack.start({ agent: false });
  await stack.addEndpoint({ ...ENDPOINT, protocol: 'PASSTHROUGH' }, '1001');
  const object = await stack.json<ManagedObject>('/inventory/managedObjects/1001');
  list = object[FRAGMENTS.list];
});
afterAll(() => stack.stop());
beforeEach(async () => {
  await stack.json('/inventory/managedObjects/1001', {
    method: 'PUT',
    user: 'admin',
    body: JSON.stringify({ [FRAGMENTS.list]: list }),
  });
});

/** Calls the microservice directly with node:http, which does not normalize the path. */
function call(
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  body?: unknown,
): Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }> {
  const sent = body === undefined ? {} : { 'content-type': 'application/json' };
  const { hostname, port } = new URL(stack.microservice.url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path, headers: { ...headers, ...sent }, agent: false },
      response => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const PEOPLE = ['viewer', 'operator', 'engineer', 'admin'] as const;
let wrongOnes = 0;

/** Repeated failures for a user name are throttled, so failing callers use changing names. */
function headersOf(caller: CallerName): OutgoingHttpHeaders {
  switch (caller) {
    case 'wrong password':
      return { authorization: basic(PEOPLE[++wrongOnes % PEOPLE.length]!, 'wrong') };
    case 'unknown user':
      return { authorization: basic(`nobody-${++wrongOnes}`) };
    case 'unknown tenant':
      return { authorization: basic(`t9999/engineer-${++wrongOnes}`) };
    default:
      return CALLERS[caller];
  }
}

const knock = (row: TableRow, caller: CallerName) =>
  call(
    row.method,
    row.path.replace('{deviceId}', '1001').replace(/\{\w+\}/, '1'),
    headersOf(caller),
    row.body,
  );

describe.each(TABLE.map(row => [`${row.method} ${row.path}`, row] as const))('%s', (_name, row) => {
  it.each(UNAUTHENTICATED)(`is ${row.open ? 'open' : '401'} for %s`, async caller => {
    const answer = await knock(row, caller);
    expect(answer.status).toBe(row.open ? row.ok : 401);
    if (row.open || row.method === 'HEAD') return;
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'remoteaccess/unauthenticated' });
  });

  it.each(SIGNED_IN.map(caller => [caller, row.answers[caller]] as const))(
    'for %s is %i',
    async (caller, status) => {
      expect((await knock(row, caller)).status).toBe(status);
    },
  );
});

it('the table has every route of the API, and HEAD where clients use it', async () => {
  const { text } = await call('GET', '/openapi.json', {});
  const { paths } = JSON.parse(text) as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
  );
  const table = TABLE.map(({ method, path }) => `${method} ${path}`);
  expect(table.filter(route => !route.startsWith('HEAD ')).sort()).toEqual(described.sort());
});

describe('a refusal', () => {
  it('names the missing permissions', async () => {
    const messageFor = async (method: string, caller: CallerName): Promise<unknown> =>
      JSON.parse(
        (await call(method, LIST, CALLERS[caller], method === 'POST' ? ENDPOINT : undefined)).text,
      );
    expect(await messageFor('GET', 'viewer')).toMatchObject({
      error: 'remoteaccess/forbidden',
      message: 'You need the permission READ for "Remote access".',
    });
    expect(await messageFor('POST', 'operator')).toMatchObject({
      message: 'You need the permission ADMIN for "Remote access".',
    });
    expect(await messageFor('POST', 'viewer')).toMatchObject({
      message: 'You need the permission ADMIN for "Remote access" and ADMIN for "Device control".',
    });
  });

  it('does not tell a device of another tenant from one that does not exist', async () => {
    const [foreign, none] = await Promise.all([
      call('GET', LIST, CALLERS['other tenant']),
      call('GET', LIST.replace('1001', '999999'), CALLERS['other tenant']),
    ]);
    expect(foreign).toMatchObject({ status: 404, text: none.text });
  });

  it('does not repeat the credentials and is not cacheable', async () => {
    const authorization = basic('engineer', 'hunter2');
    const { text, headers } = await call('GET', LIST, { authorization });
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(authorization.slice('Basic '.length));
    expect(headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(headers).not.toHaveProperty('x-powered-by');
  });
});

describe('a path spelled differently', () => {
  it.each([
    `${LIST}/`,
    `/${LIST}`,
    `${LIST}//1`,
    '/DEVICES/1001/configurations',
    '/devices/1001/Configurations',
    '/devices/1001%2fconfigurations',
    '/devices/%31001/configurations',
    '/devices/1001/configurations/%31',
    '/devices/1001/../1001/configurations',
    '/devices/1001/./configurations',
    '/devices/1001/configurations;x',
    '/devices/1001/configurations/..',
    '/devices/..%2f..%2fuser/configurations',
    '/devices//configurations',
    '/health/',
    '/HEALTH',
    '/openapi.json/',
    '/openapi%2ejson',
    '/openapi-json',
    '/devices.json',
    '/health/../devices/1001/configurations',
    '/',
    '/nothing',
  ])('%s leads nowhere', async path => {
    const answer = await call('GET', path, CALLERS.admin);
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'remoteaccess/not-found' });
  });

  it('the query does not affect routing and cannot be used to sign in', async () => {
    const token = basic('admin').slice('Basic '.length);
    expect((await call('GET', `${LIST}?token=${token}`, {})).status).toBe(401);
    expect((await call('GET', `${LIST}?pageSize=5&x=/../`, CALLERS.admin)).status).toBe(200);
  });
});
