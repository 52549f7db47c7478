import type { EndedMessage, Endpoint, Ticket } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { RawDevice } from '../fixtures/raw-device';
import { basic, PASSWORD, Stack } from '../fixtures/stack';
import { TerminalClient } from '../fixtures/terminal-client';

const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
const OPERATOR = '/user/t1001/users/operator';
const TOKEN_LIFETIME_MS = 8 * 60 * 60 * 1000;

let stack: Stack;
let device: RawDevice;
let endpoint: Endpoint;
let clockBehindMs: number;

beforeEach(async () => {
  clockBehindMs = 0;
  stack = await Stack.start({
    agent: false,
    env: { SESSION_REVIEW_SECONDS: '1' },
    now: () => new Date(Date.now() - clockBehindMs),
  });
  device = new RawDevice(stack);
  endpoint = await stack.addEndpoint(BODY, DEVICE);
});
afterEach(() => stack.stop(), 15_000);

type Headers = Record<string, string>;

async function signedIn(): Promise<{ token: string; cookie: Headers }> {
  const response = await fetch(`${stack.emulator.url}/tenant/oauth?tenant_id=t1001`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'PASSWORD',
      username: 'operator',
      password: PASSWORD,
    }),
  });
  const cookies = response.headers.getSetCookie().map(one => one.split(';', 1)[0]!);
  const valueOf = (name: string): string =>
    cookies.find(one => one.startsWith(`${name}=`))!.slice(name.length + 1);
  const cookie = { cookie: cookies.join('; '), 'x-xsrf-token': valueOf('XSRF-TOKEN') };
  return { token: valueOf('authorization'), cookie };
}

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

async function session(headers: Headers): Promise<TerminalClient> {
  const path = stack.clientPath(endpoint.id, DEVICE);
  const response = await fetch(`${stack.emulator.url}${path}/tickets`, { method: 'POST', headers });
  const { ticket } = (await response.json()) as Ticket;
  const client = await TerminalClient.open(`${stack.webSocketUrl(path)}?ticket=${ticket}`);
  await device.serve();
  await client.reaches('open');
  return client;
}

/** A session whose token the platform refuses from now on, because it expired. */
async function sessionWithExpiredToken(): Promise<TerminalClient> {
  clockBehindMs = TOKEN_LIFETIME_MS - 2_000;
  const { token } = await signedIn();
  const client = await session(bearer(token));
  clockBehindMs = 0;
  for (let status = 200; status !== 401;) {
    status = (await fetch(`${stack.emulator.url}/user/currentUser`, { headers: bearer(token) }))
      .status;
  }
  return client;
}

const asAdmin = async (method: string, path: string, body?: object): Promise<void> => {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await stack.fetch(path, { method, user: 'admin', ...sent });
  expect(response.ok).toBe(true);
};

async function codeOf(client: TerminalClient): Promise<string> {
  await client.closed(15_000);
  return (client.messages.find(({ type }) => type === 'ended') as EndedMessage).code;
}

async function rewriteList(change: (endpoints: Endpoint[]) => unknown[]): Promise<void> {
  const path = `/inventory/managedObjects/${DEVICE}`;
  const object = await stack.json<ManagedObject>(path, { user: 'admin' });
  await asAdmin('PUT', path, { [FRAGMENTS.list]: change(object[FRAGMENTS.list] as Endpoint[]) });
}

const configuration = (): string =>
  `/service/remoteaccess/devices/${DEVICE}/configurations/${endpoint.id}`;
const withoutRole = (role: string) => () => asAdmin('DELETE', `${OPERATOR}/roles/${role}`);

describe('security: sessions of every kind of credential end when', () => {
  it.each<[string, () => Promise<void>]>([
    ['the user loses READ for remote access', withoutRole('ROLE_REMOTE_ACCESS_READ')],
    ['the user may no longer create operations', withoutRole('ROLE_DEVICE_CONTROL_ADMIN')],
    ['the user can no longer see the device', withoutRole('ROLE_INVENTORY_READ')],
    ['the user is disabled', () => asAdmin('PUT', OPERATOR, { enabled: false })],
    ['the user is deleted', () => asAdmin('DELETE', OPERATOR)],
    ['the device is deleted', () => asAdmin('DELETE', `/inventory/managedObjects/${DEVICE}`)],
    ['the endpoint is removed', () => asAdmin('DELETE', configuration())],
    ['the endpoint is removed in the inventory', () => rewriteList(() => [])],
    [
      'the endpoint leads elsewhere',
      () => asAdmin('PUT', configuration(), { ...BODY, hostname: '10.0.0.6' }),
    ],
    [
      'the gateway no longer allows the protocol',
      () =>
        asAdmin('PUT', `/inventory/managedObjects/${DEVICE}`, {
          [FRAGMENTS.supportedProtocols]: ['SSH'],
        }),
    ],
    [
      'the gateway is no longer capable',
      () => asAdmin('PUT', `/inventory/managedObjects/${DEVICE}`, { c8y_SupportedOperations: [] }),
    ],
  ])(
    '%s',
    async (_condition, happen) => {
      const { token, cookie } = await signedIn();
      const clients = [
        await session({ authorization: basic('operator') }),
        await session(bearer(token)),
        await session(cookie),
        await sessionWithExpiredToken(),
      ];
      await happen();
      const codes = await Promise.all(clients.map(codeOf));
      for (const code of codes) {
        expect(code).toMatch(/^(access-withdrawn|device-|endpoint-|protocol-|not-capable)/);
      }
    },
    60_000,
  );

  it('the user signs out, whose other sessions go on', async () => {
    const ended = await signedIn();
    const other = await signedIn();
    const clients = [await session(bearer(ended.token)), await session(ended.cookie)];
    const stays = [
      await session(bearer(other.token)),
      await session({ authorization: basic('operator') }),
      await sessionWithExpiredToken(),
    ];
    const signOut = `${stack.emulator.url}/user/logout`;
    await fetch(signOut, { method: 'POST', headers: bearer(ended.token) });
    expect(await Promise.all(clients.map(codeOf))).toEqual([
      'access-withdrawn',
      'access-withdrawn',
    ]);
    for (const { messages } of stays) {
      expect(messages.filter(({ type }) => type === 'ended')).toEqual([]);
    }
    for (const client of stays) client.disconnect();
  });
});
