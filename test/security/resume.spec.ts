import type { Endpoint, ServerMessage, ShownSettings, Ticket } from '@remote-access/contracts';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { newKey, ResumingClient } from '../fixtures/resuming-client';
import { GATEWAY, Stack, type StackCall } from '../fixtures/stack';

const SERVICE = '/service/remoteaccess';

// Who may resume a session whose client lost its connection.
const ORIGINS = ['https://a.example', 'https://b.example'] as const;
const CALL: StackCall = { user: 'operator', headers: { origin: ORIGINS[0] } };

let stack: Stack;
let target: TcpTarget;
let endpoint: Endpoint;
let clients: ResumingClient[];

beforeEach(async () => {
  clients = [];
  const env = { ALLOWED_ORIGINS: ORIGINS.join(','), SESSION_REVIEW_SECONDS: '1' };
  stack = await Stack.start({ env });
  target = await tcpTarget(socket => {
    // Echoes its input, so that a test sees who is connected with whom.
    socket.on('data', (data: Buffer) => {
      if (data.includes('hello')) socket.write('WELCOME');
    });
  });
  endpoint = await stack.addEndpoint({
    name: 'Controller',
    hostname: '127.0.0.1',
    port: target.port,
    protocol: 'TELNET',
  });
});
afterEach(async () => {
  for (const client of clients) client.socket.terminate();
  await stack.stop();
  await target.stop();
}, 15_000);

async function session(): Promise<ResumingClient> {
  const client = await ResumingClient.open(stack, endpoint.id, CALL);
  clients.push(client);
  client.type('hello\r');
  await client.reads('WELCOME');
  return client;
}

async function refused(answer: Promise<Response>, status: number, code: string): Promise<void> {
  const response = await answer;
  expect([response.status, await response.json()]).toEqual([
    status,
    expect.objectContaining({ error: `remoteaccess/${code}` }),
  ]);
}

const ticketOf = async (answer: Promise<Response>): Promise<string> =>
  ((await (await answer).json()) as Ticket).ticket;

/** The outcome of a WebSocket request: open, or the status with which it was refused. */
function upgrade(
  client: ResumingClient,
  ticket: string,
  {
    origin = ORIGINS[0],
    protocol = 'remoteaccess.v1',
    onOutput = () => undefined,
  }: { origin?: string; protocol?: string; onOutput?: (data: Buffer) => void } = {},
): Promise<number | WebSocket> {
  const url = `${stack.webSocketUrl(client.path)}?ticket=${ticket}`;
  const socket = new WebSocket(url, protocol, { origin });
  socket.on('message', onOutput);
  return new Promise(resolve => {
    socket.on('open', () => resolve(socket));
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => {
      resolve(statusCode);
      socket.terminate();
    });
  });
}

const asAdmin = async (method: string, path: string, body?: object): Promise<void> => {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await stack.fetch(path, { method, user: 'admin', ...sent });
  expect(response.ok).toBe(true);
};

async function waitSeconds(resumeSeconds: number): Promise<void> {
  const settings = await stack.json<ShownSettings>(`${SERVICE}/settings`, { user: 'admin' });
  await asAdmin('PUT', `${SERVICE}/settings`, { ...settings, resumeSeconds });
}

async function audited(text: string): Promise<void> {
  await waitUntil(`an audit record with ${text}`, async () => {
    const { auditRecords } = await stack.json<{ auditRecords: { text: string }[] }>(
      '/audit/auditRecords?pageSize=200',
      { user: 'admin' },
    );
    return auditRecords.some(record => record.text.includes(text));
  });
}

it('nobody without the key', async () => {
  const client = await session();
  await client.cut();
  await refused(client.ticket(client.request({ keys: [newKey()] })), 404, 'session-not-found');
  await refused(client.ticket(client.request({ keys: [] })), 404, 'session-not-found');
  await refused(
    client.ticket(client.request({ sessionId: 'f'.repeat(32) })),
    404,
    'session-not-found',
  );
  await client.resume();
});

it('nobody with a key that was used', async () => {
  const client = await session();
  const [old] = client.keys;
  await client.cut();
  await client.resume();
  await client.cut();
  await refused(client.ticket(client.request({ keys: [old!] })), 404, 'session-not-found');
  await client.resume();
});

it('no other user with a stolen key, not even an administrator', async () => {
  const client = await session();
  await client.cut();
  for (const user of ['engineer', 'admin']) {
    const stolen = client.ticket(client.request(), { ...CALL, user });
    await refused(stolen, 404, 'session-not-found');
  }
  await client.resume();
});

it('no page of another origin, even with a ticket for the right one', async () => {
  const client = await session();
  await client.cut();
  const elsewhere = { ...CALL, headers: { origin: ORIGINS[1] } };
  await refused(client.ticket(client.request(), elsewhere), 404, 'session-not-found');
  const ticket = await ticketOf(client.ticket(client.request()));
  expect(await upgrade(client, ticket, { origin: ORIGINS[1] })).toBe(401);
  await client.resume();
});

it('nobody on another endpoint', async () => {
  const client = await session();
  const { name, hostname, port, protocol } = endpoint;
  const other = await stack.addEndpoint({ name: `${name} 2`, hostname, port, protocol });
  await client.cut();
  const response = stack.fetch(`${stack.clientPath(other.id)}/tickets`, {
    ...CALL,
    method: 'POST',
    body: JSON.stringify({ resume: client.request() }),
  });
  await refused(response, 404, 'session-not-found');
  await client.resume();
});

it('one of two clients that come at the same instant', async () => {
  const client = await session();
  await client.cut();
  const tickets = await Promise.all([1, 2, 3].map(() => ticketOf(client.ticket(client.request()))));
  const answers = await Promise.all(tickets.map(ticket => upgrade(client, ticket)));
  const [socket, ...others] = answers.filter(answer => typeof answer !== 'number');
  expect([others, answers.filter(answer => answer === 404)]).toEqual([[], [404, 404]]);
  (socket as WebSocket).terminate();
});

it('nobody without the protocol with messages', async () => {
  const client = await session();
  await client.cut();
  const ticket = await ticketOf(client.ticket(client.request()));
  expect(await upgrade(client, ticket, { protocol: 'binary' })).toBe(400);
  await client.resume();
});

it('nobody who requests it with a ticket, without the protocol with messages', async () => {
  const client = await session();
  const body = JSON.stringify({ keep: newKey() });
  const answer = await stack.fetch(`${client.path}/tickets`, { method: 'POST', ...CALL, body });
  const { ticket } = (await answer.json()) as { ticket: string };
  expect(await upgrade(client, ticket, { protocol: 'binary' })).toBe(400);
});

it.each(['short', 42, ['a'], { key: newKey() }])(
  'nobody whose ticket is requested with the key %j',
  async keep => {
    const client = await session();
    const body = JSON.stringify({ keep });
    const answer = stack.fetch(`${client.path}/tickets`, { method: 'POST', ...CALL, body });
    await refused(answer, 400, 'malformed-request');
  },
);

it.each([
  ['a key of another length', { keys: ['short'] }],
  ['many keys', { keys: Array.from({ length: 9 }, newKey) }],
  ['no next key', { next: '' }],
  ['a negative count', { output: -1 }],
])('nobody who sends %s', async (_name, change) => {
  const client = await session();
  await refused(client.ticket(client.request(change)), 400, 'malformed-request');
});

it('nobody who has lost the permission meanwhile, and the session ends', async () => {
  const client = await session();
  await client.cut();
  const request = client.request();
  await asAdmin('DELETE', '/user/t1001/users/operator/roles/ROLE_REMOTE_ACCESS_READ');
  await refused(client.ticket(request), 403, 'forbidden');
  await audited('access-withdrawn');
});

it.each([-1, 1])('nobody without permission after the clock was set by %s days', async days => {
  const client = await session();
  const { now } = Date;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + days * 86_400_000);
  try {
    await client.cut();
    await client.resume();
    await asAdmin('DELETE', '/user/t1001/users/operator/roles/ROLE_REMOTE_ACCESS_READ');
    await client.closed(20_000);
    expect(client.ended).toMatchObject({ code: 'access-withdrawn' });
  } finally {
    clock.mockRestore();
  }
});

it('twenty tabs come back at once, each to its own session', async () => {
  const tabs: ResumingClient[] = [];
  while (tabs.length < 20) tabs.push(await session());
  await Promise.all(tabs.map(tab => tab.cut()));
  await Promise.all(tabs.map(tab => tab.resume()));
  expect(new Set(tabs.map(({ id }) => id)).size).toBe(20);
  for (const tab of tabs) expect(tab.text).toContain('WELCOME');
  await Promise.all(
    tabs.map(async tab => {
      tab.type('hello again\r');
      await waitUntil('an answer', () => tab.text.split('WELCOME').length === 3);
    }),
  );
}, 60_000);

it('nobody once the endpoint leads elsewhere', async () => {
  const client = await session();
  await client.cut();
  const { id, name, hostname, protocol } = endpoint;
  await asAdmin('PUT', `${SERVICE}/devices/${GATEWAY}/configurations/${id}`, {
    name,
    hostname,
    protocol,
    port: 9,
    credentialsType: 'NONE',
  });
  const answer = await client.ticket(client.request());
  // The review of running sessions may have been faster.
  expect([404, 409]).toContain(answer.status);
  await audited('endpoint-changed');
  await waitUntil('the server is left', () => target.connections[0]!.readableEnded);
});

it('nobody who comes too late: the session has ended, and the audit log says why', async () => {
  await waitSeconds(1);
  const client = await session();
  expect(client.messages).toContainEqual(expect.objectContaining({ type: 'kept', seconds: 1 }));
  await client.cut();
  await audited('ended by client');
  await audited('not-resumed');
  await refused(client.ticket(client.request()), 404, 'session-not-found');
});

it('nobody if the tenant disables it: the session ends with the connection', async () => {
  await waitSeconds(0);
  const client = await session();
  client.socket.terminate();
  await audited('ended by client');
  expect(client.messages.map(({ type }: ServerMessage) => type)).not.toContain('kept');
});

it('the previous connection is told that the session continues elsewhere', async () => {
  const client = await session();
  const before = client.socket;
  const told: string[] = [];
  before.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) told.push(data.toString());
  });
  await client.resume();
  await waitUntil('it is closed', () => before.readyState === WebSocket.CLOSED);
  expect(told.join()).toContain('"taken-over"');
  expect(told.join()).not.toContain(client.id);
});

describe('taking a session over', () => {
  const takeOver = (client: ResumingClient, call: StackCall = CALL): Promise<Response> =>
    client.ticket(client.request({ keys: [], takeOver: true }), call);

  it('moves it to another origin of its user, with the latest output, and is audited', async () => {
    const client = await session();
    const elsewhere = { ...CALL, headers: { origin: ORIGINS[1] } };
    const ticket = await ticketOf(takeOver(client, elsewhere));
    const told: string[] = [];
    client.socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) told.push(data.toString());
    });
    let output = '';
    const onOutput = (data: Buffer): void => void (output += data.toString());
    const taken = await upgrade(client, ticket, { origin: ORIGINS[1], onOutput });
    await waitUntil('the output of before', () => output.includes('WELCOME'));
    await client.closed();
    expect(told.join()).toContain('"taken-over"');
    await audited('continues in another window of the same user');
    // The previous window has lost its right.
    await refused(client.ticket(client.request()), 404, 'session-not-found');
    (taken as WebSocket).terminate();
  });

  it('is not possible for other users, nor for a session that has ended', async () => {
    const client = await session();
    for (const user of ['engineer', 'admin']) {
      await refused(takeOver(client, { ...CALL, user }), 404, 'session-not-found');
    }
    client.disconnect();
    await client.closed();
    await waitUntil('the session is over', async () => (await takeOver(client)).status === 404);
  });
});
