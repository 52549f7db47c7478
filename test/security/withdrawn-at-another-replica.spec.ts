import type { EndedMessage, EndpointBody, Ticket } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { FORWARDED, type Replica, Replicas } from '../fixtures/replicas';
import { basic, signIn, type SignedIn } from '../fixtures/stack';
import { TerminalClient } from '../fixtures/terminal-client';

const DEVICE = '1002';
const CONFIGURATIONS = `/devices/${DEVICE}/configurations`;
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
const OPERATOR = '/user/t1001/users/operator';

/** So rare that only a notice of a change can end a session within the time of a test. */
const RARELY = '3600';

let replicas: Replicas;
/** Reviews its sessions only when it is notified of a change. */
let notified: Replica;
/** Reviews its sessions every second. */
let periodic: Replica;

beforeAll(async () => {
  const periods = [RARELY, '1'];
  replicas = await Replicas.start(2, {}, index => ({ SESSION_REVIEW_SECONDS: periods[index] }));
  [notified, periodic] = [replicas.services[0]!, replicas.services[1]!];
}, 60_000);
afterAll(() => replicas.stop(), 30_000);

type Headers = Record<string, string>;

interface Places {
  /** The replica that issues the ticket and runs the session. */
  readonly runsAt: Replica;
  readonly client: Replica;
  readonly gateway: Replica;
}

const bearer = ({ accessToken }: SignedIn): Headers => ({ authorization: `Bearer ${accessToken}` });
const ofOperator = { authorization: basic('t1001/operator') };
const clientPath = (endpointId: string): string => `/client/${DEVICE}/configurations/${endpointId}`;

async function ticketOf(at: Replica, endpointId: string, headers: Headers): Promise<string> {
  const path = `${clientPath(endpointId)}/tickets`;
  return (await at.json<Ticket>(path, { method: 'POST', headers })).ticket;
}

async function session(
  endpointId: string,
  { runsAt, client: clientAt, gateway }: Places,
  headers: Headers = ofOperator,
): Promise<TerminalClient> {
  const ticket = await ticketOf(runsAt, endpointId, headers);
  const url = clientAt.webSocketUrl(`${clientPath(endpointId)}?ticket=${ticket}`);
  const client = await TerminalClient.open(url, { headers: FORWARDED });
  await replicas.gateway(gateway).serve();
  await client.reaches('open');
  return client;
}

async function codeOf(client: TerminalClient): Promise<string> {
  await client.closed(20_000);
  return (client.messages.find(({ type }) => type === 'ended') as EndedMessage).code;
}

const addEndpoint = async (): Promise<string> => (await replicas.addEndpoint(BODY, DEVICE)).id;

describe('a session of another replica ends, without a periodic review, when', () => {
  const change = (fields: Partial<EndpointBody>) => (id: string) =>
    periodic.json(`${CONFIGURATIONS}/${id}`, {
      method: 'PUT',
      body: JSON.stringify({ ...BODY, ...fields }),
    });
  const remove = async (id: string): Promise<void> => {
    let status = 0;
    await waitUntil('endpoints can be changed', async () => {
      ({ status } = await periodic.fetch(`${CONFIGURATIONS}/${id}`, { method: 'DELETE' }));
      return status !== 503;
    });
    expect(status).toBe(204);
  };

  it.each<[string, (id: string) => Promise<unknown>, string]>([
    ['its endpoint is removed', remove, 'endpoint-not-found'],
    ['the host changes', change({ hostname: '10.0.0.6' }), 'endpoint-changed'],
    ['the protocol changes', change({ protocol: 'TELNET' }), 'endpoint-changed'],
  ])('%s', async (_when, happen, code) => {
    const [id, other] = [await addEndpoint(), await addEndpoint()];
    const places = { runsAt: notified, client: periodic, gateway: notified };
    const clients = [
      await session(id, places),
      await session(id, { ...places, client: notified, gateway: periodic }),
    ];
    const stays = await session(other, places);
    await happen(id);
    expect(await Promise.all(clients.map(codeOf))).toEqual([code, code]);
    expect(stays.messages.filter(({ type }) => type === 'ended')).toEqual([]);
    stays.disconnect();
    await stays.closed();
  });
});

const ROLE = 'ROLE_REMOTE_ACCESS_READ';
const giveRole = (): Promise<unknown> =>
  replicas.platform(`${OPERATOR}/roles`, {
    method: 'POST',
    body: JSON.stringify({ role: { self: `/user/roles/${ROLE}` } }),
  });
const enable = (enabled: boolean): Promise<unknown> =>
  replicas.platform(OPERATOR, { method: 'PUT', body: JSON.stringify({ enabled }) });

it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
  [
    'loses the role',
    () => replicas.platform(`${OPERATOR}/roles/${ROLE}`, { method: 'DELETE' }),
    giveRole,
  ],
  ['is disabled', () => enable(false), () => enable(true)],
])(
  'a session ends when its user %s, wherever its client and gateway connected',
  async (_what, happen, undo) => {
    const places = { runsAt: periodic, client: notified, gateway: notified };
    const client = await session(await addEndpoint(), places);
    await happen();
    expect(await codeOf(client)).toBe('access-withdrawn');
    await undo();
  },
);

it('a sign-in is renewed by a ticket of another replica, if it is the same user for the same endpoint', async () => {
  const [id, other] = [await addEndpoint(), await addEndpoint()];
  const places = { runsAt: periodic, client: periodic, gateway: periodic };
  const before = bearer(await signIn(replicas.emulator, 'operator'));
  const renewedSignIn = bearer(await signIn(replicas.emulator, 'operator'));
  const renewed = await session(id, places, before);
  const misled = await session(id, places, before);

  const used = 'remoteaccess_memory_used_bytes';
  const unused = await notified.metric(used);
  const give = async (
    to: TerminalClient,
    endpointId: string,
    headers: Headers,
  ): Promise<string> => {
    const ticket = await ticketOf(notified, endpointId, headers);
    to.send({ type: 'renew', ticket });
    await waitUntil('the ticket is used up', async () => (await notified.metric(used)) <= unused);
    return ticket;
  };
  const ticket = await give(renewed, id, renewedSignIn);
  await give(misled, id, { authorization: basic('t1001/engineer') });
  await give(misled, other, renewedSignIn);
  misled.send({ type: 'renew', ticket });
  for (const at of [notified, periodic]) {
    await expect(at.openTerminal(`${clientPath(id)}?ticket=${ticket}`)).rejects.toThrow('401');
  }

  const signOut = (headers: Headers): Promise<unknown> =>
    fetch(`${replicas.emulator.url}/user/logout`, { method: 'POST', headers });
  await signOut(before);
  expect(await codeOf(misled)).toBe('access-withdrawn');
  // By the end of another session with the first sign-in, the renewed one has been reviewed too.
  const again = bearer(await signIn(replicas.emulator, 'operator'));
  const witness = await session(id, places, again);
  await signOut(again);
  expect(await codeOf(witness)).toBe('access-withdrawn');
  expect(renewed.messages.filter(({ type }) => type === 'ended')).toEqual([]);
  await signOut(renewedSignIn);
  expect(await codeOf(renewed)).toBe('access-withdrawn');
}, 60_000);

it('without its subscription a tenant has no sessions at any replica, and again once it has one', async () => {
  const id = await addEndpoint();
  const running = [
    await session(id, { runsAt: notified, client: periodic, gateway: periodic }),
    await session(id, { runsAt: periodic, client: notified, gateway: periodic }),
  ];
  const { accounts } = replicas.emulator.store.tenant('t1001')!;
  const serviceUser = accounts.get('service_cloud-remote-access')!;
  accounts.delete(serviceUser.id);

  for (const client of running) {
    // Each replica asks the platform every ten seconds.
    expect(await codeOf(client)).toBe('forbidden');
    expect(client.messages.at(-1)).toMatchObject({ type: 'ended', by: 'platform' });
  }
  for (const at of [notified, periodic]) {
    const refused = await at.fetch(`${clientPath(id)}/tickets`, { method: 'POST' });
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { message: 'Your tenant is not subscribed to remote access.' },
    ]);
    expect((await at.fetch(CONFIGURATIONS)).status).toBe(403);
  }

  accounts.put(serviceUser);
  for (const [runsAt, client] of [
    [notified, periodic],
    [periodic, notified],
  ] as const) {
    await waitUntil(
      'the replica knows the tenant again',
      async () =>
        (await runsAt.fetch(CONFIGURATIONS)).ok && (await client.fetch(CONFIGURATIONS)).ok,
      20_000,
    );
    const again = await session(id, { runsAt, client, gateway: client });
    again.disconnect();
    await again.closed();
  }
}, 90_000);
