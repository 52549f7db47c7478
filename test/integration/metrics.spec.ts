import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { RawDevice } from '../fixtures/raw-device';
import { Stack } from '../fixtures/stack';

const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
const file = (path: string): string => readFileSync(join(__dirname, '..', '..', path), 'utf8');

let stack: Stack;
let metricsUrl: string;

beforeAll(async () => {
  stack = await Stack.start({ agent: false, env: { METRICS_PORT: '0' } });
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

  it.each(['deploy/grafana/remote-access.json', 'deploy/prometheus/alerts.yaml'])(
    'are the only ones that %s uses',
    async path => {
      const known = new Set(await names());
      const used = [...file(path).matchAll(/\b(?:remoteaccess|nodejs|process)_\w+/g)].map(
        ([name]) => name,
      );
      expect(used.length).toBeGreaterThan(5);
      const unknown = used.filter(
        name => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')),
      );
      expect(unknown).toEqual([]);
    },
  );
});

async function names(): Promise<string[]> {
  return [...(await scrape()).matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
}
