import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { RawDevice } from '../fixtures/raw-device';
import { basic, Stack } from '../fixtures/stack';
import { SESSION_BYTES } from '../../apps/microservice/src/sessions/session-memory';
import { MAX_SESSIONS } from '../../apps/microservice/src/sessions/session-registry';

const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
const file = (path: string): string => readFileSync(join(__dirname, '..', '..', path), 'utf8');

const SERVICE = '/service/remoteaccess';

let stack: Stack;
let metricsUrl: string;

beforeAll(async () => {
  const env = { METRICS_PORT: '0', MAX_SESSIONS_PER_USER: '2', MAX_SESSIONS_PER_DEVICE: '3' };
  stack = await Stack.start({ agent: false, env });
  metricsUrl = `${stack.microservice.metricsUrl}/metrics`;
});
afterAll(() => stack.stop(), 15_000);

const scrape = async (): Promise<string> => (await fetch(metricsUrl)).text();

/** The sample of a series, 0 if there is none. */
async function sample(series: string): Promise<number> {
  const line = (await scrape()).split('\n').find(one => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

describe('metrics', () => {
  it('count a session: its steps, its bytes in both directions, and how it ended', async () => {
    const endpoint = await stack.addEndpoint(body, '1002');
    const client = await stack.connectRaw(endpoint.id, 'operator', '1002');
    const { received } = await new RawDevice(stack).serve();
    client.send(Buffer.alloc(1_000));
    await waitUntil('the gateway has the bytes', () => received.length === 1_000);
    received.socket.send(Buffer.alloc(300));
    await once(client, 'message');

    const running = 'remoteaccess_sessions{protocol="PASSTHROUGH",state="open"}';
    expect(await sample(running)).toBe(1);
    const bytes = (direction: string): string =>
      `remoteaccess_bytes_total{protocol="PASSTHROUGH",direction="${direction}"}`;
    expect(await sample(bytes('from_client'))).toBe(1_000);
    expect(await sample(bytes('to_client'))).toBe(300);
    expect(await sample(bytes('to_client'))).toBe(300);
    for (const step of ['operation-created', 'gateway-connected', 'open']) {
      const labels = `{protocol="PASSTHROUGH",step="${step}"}`;
      expect(await sample(`remoteaccess_connect_step_seconds_count${labels}`)).toBe(1);
    }
    expect(await sample('remoteaccess_sessions_opened_total{protocol="PASSTHROUGH"}')).toBe(1);
    expect(await sample('remoteaccess_memory_used_bytes')).toBeGreaterThan(0);

    client.close();
    const ended =
      'remoteaccess_sessions_ended_total{protocol="PASSTHROUGH",by="client",code="normal"}';
    await waitUntil('the end is counted', async () => (await sample(ended)) === 1);
    expect(await sample(running)).toBe(0);
    expect(await sample(bytes('from_client'))).toBe(1_000);
    expect(
      await sample('remoteaccess_session_duration_seconds_count{protocol="PASSTHROUGH"}'),
    ).toBe(1);
  });

  it('count refusals of requests and of WebSockets by code', async () => {
    await stack.fetch('/service/remoteaccess/devices/1001/configurations/99');
    const path = stack.clientPath('99', '1002');
    const socket = new WebSocket(`${stack.webSocketUrl(path)}?ticket=no`);
    await once(socket, 'error');
    const refused = 'remoteaccess_refusals_total';
    expect(await sample(`${refused}{over="http",code="endpoint-not-found"}`)).toBe(1);
    expect(await sample(`${refused}{over="websocket",code="ticket-invalid"}`)).toBe(1);
  });

  it.each<[string, 'http' | 'websocket', () => Promise<unknown>]>([
    [
      'unauthenticated',
      'http',
      () => stack.fetch(`${SERVICE}/sessions`, { headers: { authorization: '' } }),
    ],
    ['forbidden', 'http', () => stack.fetch(`${SERVICE}/settings`, { method: 'PUT', body: '{}' })],
    ['device-not-found', 'http', () => stack.fetch(`${SERVICE}/devices/4711/configurations`)],
    [
      'invalid-endpoint',
      'http',
      () =>
        stack.fetch(`${SERVICE}/devices/1001/configurations`, {
          method: 'POST',
          body: JSON.stringify({ ...body, port: 0 }),
        }),
    ],
    ['endpoint-not-found', 'websocket', () => refusedUpgrade('99')],
    ['forbidden', 'websocket', () => refusedUpgrade('99', 'viewer')],
  ])('count a refusal as %s over %s, and as nothing else', async (code, over, refused) => {
    const all = async (): Promise<Map<string, number>> =>
      new Map(
        [...(await scrape()).matchAll(/^remoteaccess_refusals_total(\S+) (\d+)$/gm)].map(
          ([, labels = '', value]) => [labels, Number(value)],
        ),
      );
    const before = await all();
    await refused();
    const labels = `{over="${over}",code="${code}"}`;
    expect(await all()).toEqual(new Map([...before, [labels, (before.get(labels) ?? 0) + 1]]));
  });

  it('show the limits, and how much of the memory the sessions have reserved', async () => {
    expect(await sample('remoteaccess_sessions_per_user_limit')).toBe(2);
    expect(await sample('remoteaccess_sessions_per_device_limit')).toBe(3);
    expect(await sample('remoteaccess_sessions_limit')).toBe(MAX_SESSIONS);
    const limit = await sample('remoteaccess_memory_limit_bytes');
    const used = (): Promise<number> => sample('remoteaccess_memory_used_bytes');
    await waitUntil('earlier sessions are over', async () => (await used()) === 0);
    const endpoint = await stack.addEndpoint(body, '1002');
    const clients = [
      await stack.connectRaw(endpoint.id, 'operator', '1002'),
      await stack.connectRaw(endpoint.id, 'engineer', '1002'),
    ];
    expect(await used()).toBe(2 * SESSION_BYTES);
    expect(limit).toBeGreaterThan(2 * SESSION_BYTES);
    expect(await sample('remoteaccess_memory_waiting')).toBe(0);
    const opening = 'remoteaccess_sessions{protocol="PASSTHROUGH",state="opening"}';
    expect(await sample(opening)).toBe(2);
    for (const client of clients) client.close();
    await waitUntil('it is given back', async () => (await used()) === 0);
    expect(await sample(opening)).toBe(0);
    // Without NATS_URL there is one replica.
    for (const name of ['nats_connected', 'replicas', 'forwarded_connections']) {
      expect(await sample(`remoteaccess_${name}`)).toBe(0);
    }
  });

  it('count audit records that the platform does not take', async () => {
    const failures = (): Promise<number> => sample('remoteaccess_audit_failures_total');
    expect(await failures()).toBe(0);
    const { accounts } = stack.emulator.store.tenant('t1001')!;
    const service = accounts.get('service_cloud-remote-access')!;
    accounts.put({ ...service, roles: service.roles.filter(role => !role.includes('AUDIT')) });
    await stack.addEndpoint(body, '1002');
    accounts.put(service);
    await waitUntil('it is counted', async () => (await failures()) === 1);
    await stack.addEndpoint(body, '1002');
    expect(await failures()).toBe(1);
  });

  it('name no tenant, user, device or endpoint (security)', async () => {
    // Without the values, which may contain any digits.
    const named = (await scrape()).replace(/ [^ ]+$/gm, '');
    expect(named).toContain('{protocol="PASSTHROUGH"');
    expect(named).not.toMatch(/t1001|operator|engineer|1002|Plc/);
  });

  it('are on no port that the ingress reaches, and on loopback under its own names (security)', async () => {
    expect((await stack.fetch('/service/remoteaccess/metrics')).status).toBe(404);
    const foreign = request(metricsUrl, { headers: { host: 'rebound.example' } }).end();
    const [answer] = (await once(foreign, 'response')) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(421);
    expect((await fetch(metricsUrl, { method: 'POST' })).status).toBe(405);
    expect((await fetch(metricsUrl.replace('/metrics', '/'))).status).toBe(404);
  });

  it('are the ones that docs/metrics.md explains', async () => {
    const documented = [...file('docs/metrics.md').matchAll(/^\| `(remoteaccess_\w+)`/gm)];
    const ours = (await names()).filter(name => name.startsWith('remoteaccess_'));
    expect(documented.map(([, name]) => name).sort()).toEqual(ours.sort());
  });
});

/** A WebSocket upgrade that the service refuses. */
async function refusedUpgrade(endpointId: string, user = 'operator'): Promise<void> {
  const socket = new WebSocket(stack.webSocketUrl(stack.clientPath(endpointId, '1002')), {
    headers: { authorization: basic(user) },
  });
  await once(socket, 'error');
}

async function names(): Promise<string[]> {
  return [...(await scrape()).matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
}
