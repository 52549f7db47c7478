import type { EndedMessage, Endpoint, Ticket } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { RawDevice } from '../fixtures/raw-device';
import { basic, type SignedIn, Stack } from '../fixtures/stack';
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

const bearer = ({ accessToken }: SignedIn): Headers => ({ authorization: `Bearer ${accessToken}` });
const cookies = ({ cookie, xsrfToken }: SignedIn): Headers => ({
  cookie,
  'x-xsrf-token': xsrfToken,
});

async function session(headers: Headers): Promise<TerminalClient> {
  const path = stack.clientPath(endpoint.id, DEVICE);
  const response = await fetch(`${stack.emulator.url}${path}/tickets`, { method: 'POST', headers });
  const { ticket } = (await response.json()) as Ticket;
  const client = await TerminalClient.open(`${stack.webSocketUrl(path)}?ticket=${ticket}`);
  await device.serve();
  await client.reaches('open');
  return client;
}

/** A session whose expired token the platform refuses from now on. */
async function sessionWithExpiredToken(): Promise<TerminalClient> {
  clockBehindMs = TOKEN_LIFETIME_MS + 1_000;
  const headers = bearer(await stack.signIn('operator'));
  const client = await session(headers);
  clockBehindMs = 0;
  const { status } = await fetch(`${stack.emulator.url}/user/currentUser`, { headers });
  expect(status).toBe(401);
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

/** Two more sessions, which end because their user signs out. */
async function signOutOfSessions(): Promise<void> {
  const signedOut = await stack.signIn('operator');
  const clients = [await session(bearer(signedOut)), await session(cookies(signedOut))];
  await fetch(`${stack.emulator.url}/user/logout`, {
    method: 'POST',
    headers: bearer(signedOut),
  });
  const codes = await Promise.all(clients.map(codeOf));
  expect(codes).toEqual(['access-withdrawn', 'access-withdrawn']);
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
  it.each<[condition: string, happen: () => Promise<void>, code: string, ofExpired?: string]>([
    [
      'the user loses READ for remote access',
      withoutRole('ROLE_REMOTE_ACCESS_READ'),
      'access-withdrawn',
    ],
    [
      'the user may no longer create operations',
      withoutRole('ROLE_DEVICE_CONTROL_ADMIN'),
      'access-withdrawn',
    ],
    [
      'the user can no longer see the device',
      withoutRole('ROLE_INVENTORY_READ'),
      'device-not-found',
      // The service user still sees the device, and that the user lost the role.
      'access-withdrawn',
    ],
    [
      'the user is disabled',
      () => asAdmin('PUT', OPERATOR, { enabled: false }),
      'access-withdrawn',
    ],
    ['the user is deleted', () => asAdmin('DELETE', OPERATOR), 'access-withdrawn'],
    [
      'the device is deleted',
      () => asAdmin('DELETE', `/inventory/managedObjects/${DEVICE}`),
      'device-not-found',
    ],
    ['the endpoint is removed', () => asAdmin('DELETE', configuration()), 'endpoint-not-found'],
    ['the endpoint is removed in the inventory', () => rewriteList(() => []), 'endpoint-not-found'],
    [
      'the endpoint is changed in the inventory',
      () => rewriteList(all => all.map(one => ({ ...one, port: 503 }))),
      'endpoint-unconfirmed',
    ],
    [
      'the endpoint leads elsewhere',
      () => asAdmin('PUT', configuration(), { ...BODY, hostname: '10.0.0.6' }),
      'endpoint-changed',
    ],
    [
      'the gateway no longer allows the protocol',
      () =>
        asAdmin('PUT', `/inventory/managedObjects/${DEVICE}`, {
          [FRAGMENTS.supportedProtocols]: ['SSH'],
        }),
      'protocol-not-allowed',
    ],
    [
      'the gateway is no longer capable',
      () => asAdmin('PUT', `/inventory/managedObjects/${DEVICE}`, { c8y_SupportedOperations: [] }),
      'not-capable',
    ],
  ])(
    '%s',
    async (_condition, happen, code, ofExpired = code) => {
      const signedIn = await stack.signIn('operator');
      const clients = [
        await session({ authorization: basic('operator') }),
        await session(bearer(signedIn)),
        await session(cookies(signedIn)),
        await sessionWithExpiredToken(),
      ];
      await happen();
      expect(await Promise.all(clients.map(codeOf))).toEqual([code, code, code, ofExpired]);
    },
    60_000,
  );

  it('the user signs out, unless the session was given a renewed sign-in', async () => {
    const signedOut = await stack.signIn('operator');
    const ends = await session(cookies(signedOut));
    const renewed = await session(cookies(signedOut));
    const withTicketOf = async (headers: Headers): Promise<void> => {
      const path = `${stack.clientPath(endpoint.id, DEVICE)}/tickets`;
      const response = await fetch(stack.emulator.url + path, { method: 'POST', headers });
      const { ticket } = (await response.json()) as Ticket;
      renewed.send({ type: 'renew', ticket });
    };
    await withTicketOf(cookies(await stack.signIn('operator')));
    // Neither another user's ticket nor one that does not exist changes that.
    await withTicketOf({ authorization: basic('engineer') });
    renewed.send({ type: 'renew', ticket: 'x' });
    await fetch(`${stack.emulator.url}/user/logout`, {
      method: 'POST',
      headers: bearer(signedOut),
    });
    expect(await codeOf(ends)).toBe('access-withdrawn');
    // By the end of the second round, the renewed session has been reviewed as well.
    for (let round = 0; round < 2; round += 1) await signOutOfSessions();
    expect(renewed.messages.filter(({ type }) => type === 'ended')).toEqual([]);
    await asAdmin('PUT', OPERATOR, { enabled: false });
    expect(await codeOf(renewed)).toBe('access-withdrawn');
  }, 60_000);

  it("the user signs out; the user's other sessions continue", async () => {
    const stays = [
      await session(bearer(await stack.signIn('operator'))),
      await session({ authorization: basic('operator') }),
      await sessionWithExpiredToken(),
    ];
    // By the end of the second round, each of the others has been reviewed as well.
    for (let round = 0; round < 2; round += 1) await signOutOfSessions();
    for (const { messages } of stays) {
      expect(messages.filter(({ type }) => type === 'ended')).toEqual([]);
    }
    for (const client of stays) client.disconnect();
  }, 60_000);
});
