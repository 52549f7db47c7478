import type { Ticket } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { basic, Stack } from '../fixtures/stack';
import { rawUpgrade } from '../fixtures/raw-upgrade';
import { RawDevice } from '../fixtures/raw-device';

// How a ticket is issued, and which upgrades it admits.
let stack: Stack;
let one: string;
let other: string;

beforeAll(async () => {
  stack = await Stack.start({ agent: false });
  const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
  one = stack.clientPath((await stack.addEndpoint(body, '1002')).id, '1002');
  other = stack.clientPath((await stack.addEndpoint({ ...body, name: 'Two' }, '1002')).id, '1002');
});
afterAll(() => stack.stop());

const ticketFor = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
  const init = { method: 'POST', user: 'operator', headers };
  return (await stack.json<Ticket>(`${path}/tickets`, init)).ticket;
};
const upgrade = async (path: string, ticket: string, headers: Record<string, string> = {}) => {
  const Host = new URL(stack.emulator.url).host;
  const answer = await rawUpgrade(stack.emulator.url, `${path}?ticket=${ticket}`, {
    Host,
    ...headers,
  });
  answer.socket.destroy();
  return answer;
};

it('has 32 random bytes, is valid for 30 seconds and is not cacheable', async () => {
  const response = await stack.fetch(`${one}/tickets`, { method: 'POST', user: 'operator' });
  expect(response.status).toBe(201);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  const { ticket, expiresAt } = (await response.json()) as Ticket;
  expect(Buffer.from(ticket, 'base64url')).toHaveLength(32);
  expect(ticket).toHaveLength(43);
  const livesMs = Date.parse(expiresAt) - Date.now();
  expect(livesMs).toBeGreaterThan(25_000);
  expect(livesMs).toBeLessThanOrEqual(30_000);
});

it('can be used once', async () => {
  const ticket = await ticketFor(one);
  expect((await upgrade(one, ticket)).status).toBe(101);
  const again = await upgrade(one, ticket);
  expect(again.status).toBe(401);
  expect(JSON.parse(again.body)).toMatchObject({ error: 'remoteaccess/ticket-invalid' });
});

it('admits only one of two simultaneous uses', async () => {
  const ticket = await ticketFor(one);
  const answers = await Promise.all([upgrade(one, ticket), upgrade(one, ticket)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([101, 401]);
});

it('is valid for its endpoint only, and used up by an attempt on another one', async () => {
  const ticket = await ticketFor(one);
  expect((await upgrade(other, ticket)).status).toBe(401);
  expect((await upgrade(one, ticket)).status).toBe(401);
});

it('is valid for its origin only', async () => {
  const origin = stack.emulator.url;
  const elsewhere = await Stack.start({
    agent: false,
    env: { ALLOWED_ORIGINS: 'https://a.example,https://b.example' },
  });
  try {
    const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
    const path = elsewhere.clientPath((await elsewhere.addEndpoint(body, '1002')).id, '1002');
    const { ticket } = await elsewhere.json<Ticket>(`${path}/tickets`, {
      method: 'POST',
      headers: { origin: 'https://a.example' },
    });
    const answer = await rawUpgrade(elsewhere.emulator.url, `${path}?ticket=${ticket}`, {
      Origin: 'https://b.example',
    });
    answer.socket.destroy();
    expect(answer.status).toBe(401);
  } finally {
    await elsewhere.stop();
  }
  const ticket = await ticketFor(one, { origin });
  expect((await upgrade(one, ticket, { Origin: origin })).status).toBe(101);
});

it.each([
  ['unknown', 'A'.repeat(43)],
  ['empty', ''],
  ['very long', 'A'.repeat(8_000)],
])('is refused when it is %s, even with good credentials', async (_name, ticket) => {
  const answer = await upgrade(one, ticket, { Authorization: basic('operator') });
  expect(answer.status).toBe(401);
});

it.each([
  ['without credentials', undefined, 401],
  ['with a wrong password', basic('operator', 'wrong'), 401],
  ['without a role', basic('viewer'), 403],
  ['from another tenant', basic('t1002/admin'), 404],
])('is not issued to callers %s', async (_name, authorization, status) => {
  const response = await fetch(`${stack.emulator.url}${one}/tickets`, {
    method: 'POST',
    headers: authorization ? { authorization } : {},
  });
  expect(response.status).toBe(status);
});

it('is not issued for an endpoint that does not exist', async () => {
  const path = stack.clientPath('999', '1002');
  const response = await stack.fetch(`${path}/tickets`, { method: 'POST' });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: 'remoteaccess/endpoint-not-found' });
});

it('is issued to a user at most a hundred times while none is used', async () => {
  const path = `${one}/tickets`;
  const statuses: number[] = [];
  for (let count = 0; count < 101; count += 1) {
    statuses.push((await stack.fetch(path, { method: 'POST', user: 'engineer' })).status);
  }
  expect(statuses.slice(0, 100)).toEqual(Array(100).fill(201));
  expect(statuses.at(-1)).toBe(429);
});

it('creates the operation on behalf of the user who requested it', async () => {
  const device = new RawDevice(stack);
  const known = (await device.operations()).length;
  const ticket = await ticketFor(one);
  const socket = new WebSocket(stack.webSocketUrl(`${one}?ticket=${ticket}`));
  await waitUntil('an operation', async () => (await device.operations()).length > known);
  const { id } = (await device.operations()).at(-1)!;
  const { auditRecords } = await stack.json<{ auditRecords: { user: string }[] }>(
    `/audit/auditRecords?source=${id}`,
  );
  expect(auditRecords.map(({ user }) => user)).toContain('operator');
  socket.terminate();
});
