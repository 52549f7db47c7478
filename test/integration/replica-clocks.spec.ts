import type { EndedMessage, RunningSession, Ticket } from '@remote-access/contracts';
import { waitUntil } from '@remote-access/testkit';
import { FORWARDED, type Replica, Replicas } from '../fixtures/replicas';
import { ShiftedClock } from '../fixtures/shifted-clock';
import { signIn } from '../fixtures/stack';
import { TerminalClient } from '../fixtures/terminal-client';

const DEVICE = '1002';
const BODY = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
const HOUR_MS = 60 * 60_000;

let replicas: Replicas;
let wrong: Replica;
let right: Replica;
let clock: ShiftedClock;
let clockOfRight: ShiftedClock;
let endpointId: string;

beforeAll(async () => {
  replicas = await Replicas.start(2, { SESSION_REVIEW_SECONDS: '1' });
  [wrong, right] = [replicas.services[0]!, replicas.services[1]!];
  endpointId = (await replicas.addEndpoint(BODY, DEVICE)).id;
  clock = await ShiftedClock.of(wrong.process);
  clockOfRight = await ShiftedClock.of(right.process);
}, 60_000);
afterAll(async () => {
  await clock.release();
  await clockOfRight.release();
  await replicas.stop();
}, 30_000);

const clientPath = (): string => `/client/${DEVICE}/configurations/${endpointId}`;

async function session(
  issuer: Replica,
  client: Replica,
  headers: Record<string, string> = {},
): Promise<TerminalClient> {
  const init = { method: 'POST', user: 'operator', headers };
  const { ticket } = await issuer.json<Ticket>(`${clientPath()}/tickets`, init);
  const url = client.webSocketUrl(`${clientPath()}?ticket=${ticket}`);
  const terminal = await TerminalClient.open(url, { headers: FORWARDED });
  await replicas.gateway(client).serve();
  await terminal.reaches('open');
  return terminal;
}

const edit = async (at: Replica): Promise<number> =>
  (await at.fetch('/devices/1001/configurations', { method: 'POST', body: JSON.stringify(BODY) }))
    .status;

describe.each([
  ['an hour ahead', HOUR_MS],
  ['an hour behind', -HOUR_MS],
])('a replica whose clock is set %s', (_way, byMs) => {
  it('keeps its sessions, its leases and its peers, and its tickets are valid anywhere', async () => {
    const running = await session(wrong, right);
    const path = `${clientPath()}/tickets`;
    const before = await wrong.json<Ticket>(path, { method: 'POST', user: 'operator' });
    await clock.set(byMs);
    const late = await right.openTerminal(`${clientPath()}?ticket=${before.ticket}`);
    await replicas.gateway(wrong).serve();
    await late.reaches('open');
    const clients = [running, late, await session(wrong, right), await session(right, wrong)];
    for (const at of [wrong, right]) {
      expect(await edit(at)).toBe(201);
      expect(await at.json<RunningSession[]>(`/devices/${DEVICE}/sessions`)).toHaveLength(4);
      expect(await at.metric('remoteaccess_replicas')).toBe(2);
    }
    for (const client of clients) {
      expect(client.messages.filter(({ type }) => type === 'ended')).toEqual([]);
      client.disconnect();
      await client.closed();
    }
  }, 60_000);

  it('finishes at once what a replica leaves that dies', async () => {
    // Whoever finishes it has a wrong clock.
    await clock.set(byMs);
    await clockOfRight.set(byMs);
    const dying = await replicas.add();
    await replicas.knowEachOther();
    const lost = await dying.openTerminal(await dying.ticketPath(endpointId, DEVICE));
    const { id } = await replicas.gateway(wrong).pending();
    await replicas.remove(dying, 'SIGKILL');
    await waitUntil(
      'its operation is finished',
      async () => (await replicas.gateway(wrong).operation(id)).status === 'FAILED',
      20_000,
    );
    await lost.closed();
    await clockOfRight.set(0);
    await replicas.knowEachOther();
  }, 90_000);
});

it('a sign-out ends sessions although the token has expired by a clock that is ahead (security)', async () => {
  // Tokens of the local platform are valid for eight hours.
  await clock.set(9 * HOUR_MS);
  const { accessToken } = await signIn(replicas.emulator, 'operator');
  const headers = { authorization: `Bearer ${accessToken}` };
  const client = await session(wrong, wrong, headers);
  await fetch(`${replicas.emulator.url}/user/logout`, { method: 'POST', headers });
  await client.closed(20_000);
  const ended = client.messages.find(({ type }) => type === 'ended') as EndedMessage;
  expect(ended.code).toBe('access-withdrawn');
}, 60_000);
