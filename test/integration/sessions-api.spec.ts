import type { Endpoint, EndedMessage, RunningSession } from '@remote-access/contracts';
import { tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { GATEWAY, Stack } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';

// Who sees which running sessions, and ends them.
const SESSIONS = '/service/remoteaccess/sessions';

let stack: Stack;
let target: TcpTarget;
let endpoint: Endpoint;

beforeEach(async () => {
  [stack, target] = await Promise.all([Stack.start({ asHosted: true }), tcpTarget()]);
  endpoint = await stack.addEndpoint({
    name: 'Plc',
    hostname: '127.0.0.1',
    port: target.port,
    protocol: 'PASSTHROUGH',
  });
});
afterEach(async () => {
  await stack.stop();
  await target.stop();
}, 15_000);

async function connect(user: string): Promise<TerminalClient> {
  const client = await stack.connectTerminal(endpoint.id, user);
  await client.reaches('open');
  return client;
}

const list = (user: string): Promise<RunningSession[]> => stack.json(SESSIONS, { user });
const users = (sessions: RunningSession[]): string[] => sessions.map(({ user }) => user);

const terminate = (id: string, user: string, body?: object): Promise<Response> =>
  stack.fetch(`${SESSIONS}/${id}`, {
    method: 'DELETE',
    user,
    ...(body && { body: JSON.stringify(body) }),
  });

it("lists the caller's own sessions, and those on devices that the caller configures", async () => {
  await connect('operator');
  await connect('engineer');
  const [mine, all] = await Promise.all([list('operator'), list('engineer')]);
  expect(users(mine)).toEqual(['operator']);
  expect(users(all)).toEqual(['operator', 'engineer']);
  expect(mine[0]).toMatchObject({
    deviceId: GATEWAY,
    deviceName: 'Factory gateway',
    endpointName: 'Plc',
    protocol: 'PASSTHROUGH',
    state: 'open',
  });
  const other = await stack.fetch(SESSIONS, { user: 't1002/admin' });
  expect([other.status, await other.json()]).toEqual([200, []]);
});

it('ends a session with a reason that its user reads and the audit log keeps', async () => {
  const client = await connect('operator');
  const [session] = await list('engineer');
  const answer = await terminate(session!.id, 'engineer', { reason: 'Maintenance\r\nbegins' });
  expect(answer.status).toBe(204);
  await client.closed();
  const ended = client.messages.find(({ type }) => type === 'ended') as EndedMessage;
  expect(ended).toMatchObject({
    code: 'session-terminated',
    text: '"engineer" ended the session: Maintenance begins',
  });
  const { auditRecords } = await stack.json<{ auditRecords: { text: string; user: string }[] }>(
    `/audit/auditRecords?source=${GATEWAY}&pageSize=100`,
    { user: 'admin' },
  );
  expect(auditRecords).toContainEqual(
    expect.objectContaining({
      user: 'engineer',
      text: 'Session of "operator" on endpoint "Plc" ended: Maintenance begins',
    }),
  );
  expect(await list('engineer')).toEqual([]);
});

it("lets nobody end another user's session without the permission", async () => {
  const client = await connect('engineer');
  const [session] = await list('engineer');
  for (const user of ['operator', 't1002/admin']) {
    expect((await terminate(session!.id, user)).status).toBe(404);
  }
  expect((await terminate(session!.id, 'viewer')).status).toBe(403);
  const long = { reason: 'x'.repeat(201) };
  expect((await terminate(session!.id, 'engineer', long)).status).toBe(400);
  expect(client.closeCode).toBeUndefined();
});

it.each([
  ['all gateways', SESSIONS],
  ['one gateway', '/service/remoteaccess/devices/1001/sessions'],
])(
  'streams each change of %s as a line, until the caller may no longer see it',
  async (_, path) => {
    const response = await stack.fetch(path, {
      user: 'operator',
      headers: { accept: 'application/x-ndjson' },
    });
    expect(response.headers.get('content-type')).toContain('application/x-ndjson');
    const lines: RunningSession[][] = [];
    let isOver = false;
    const reading = (async () => {
      let text = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        const parts = text.split('\n');
        text = parts.pop()!;
        lines.push(...parts.map(line => JSON.parse(line) as RunningSession[]));
      }
      isOver = true;
    })();
    await waitUntil('the list at first', () => lines.length > 0);
    expect(lines[0]).toEqual([]);
    const client = await connect('operator');
    await waitUntil('the new session', () => lines.at(-1)!.length === 1);
    client.disconnect();
    await waitUntil('its end', () => lines.at(-1)!.length === 0);
    await stack.fetch('/user/t1001/users/operator', {
      method: 'PUT',
      user: 'admin',
      body: JSON.stringify({ enabled: false }),
    });
    await waitUntil('the end of the stream', () => isOver);
    await reading;
  },
);
