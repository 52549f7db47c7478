import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Endpoint } from '@remote-access/contracts';
import { tcpTarget, type TcpTarget, waitUntil } from '@remote-access/testkit';
import { basic, Stack } from '../fixtures/stack';

interface WrittenSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: { stringValue: string } }[];
  status: { code: number; message?: string };
}

interface Request {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let collector: Server;
let requests: Request[];
let status: number;
let stack: Stack;
let target: TcpTarget;
let endpoint: Endpoint;

beforeAll(async () => {
  [requests, status] = [[], 200];
  collector = createServer((request, response) => {
    void text(request).then(body => {
      requests.push({ path: request.url, headers: request.headers, body });
      response.writeHead(status).end('{}');
    });
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  stack = await Stack.start({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=of%20ours',
      OTEL_SERVICE_NAME: 'relay-of-a-test',
    },
  });
  target = await tcpTarget();
  const place = { hostname: '127.0.0.1', port: target.port };
  endpoint = await stack.addEndpoint({ name: 'Press 7', ...place, protocol: 'PASSTHROUGH' });
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await target.stop();
  collector.close();
});

function spans(): WrittenSpan[] {
  return requests.flatMap(({ body }) => {
    const { resourceSpans } = JSON.parse(body) as {
      resourceSpans: { scopeSpans: { spans: WrittenSpan[] }[] }[];
    };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans: all }) => all));
  });
}

it('a connect reaches the collector as a trace of its steps', async () => {
  const client = await stack.connectRaw(endpoint.id);
  await waitUntil('the trace has arrived', () => spans().some(({ name }) => name === 'open'));
  client.terminate();
  const [whole, ...steps] = spans();
  expect(whole).toMatchObject({ name: 'connect', status: { code: 1 } });
  expect(steps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['operation-created', 'gateway-connected', 'open']),
  );
  for (const step of steps) {
    expect(step).toMatchObject({ traceId: whole!.traceId, parentSpanId: whole!.spanId });
    expect(BigInt(step.endTimeUnixNano) >= BigInt(step.startTimeUnixNano)).toBe(true);
  }
  const [{ path, headers, body } = {} as Request] = requests;
  expect(path).toBe('/v1/traces');
  expect(headers).toMatchObject({ 'x-api-key': 'of ours', 'content-type': 'application/json' });
  expect(body).toContain('relay-of-a-test');
});

it('a trace contains no credential, no key and no name of user, device or endpoint (security)', () => {
  const all = requests.map(({ body }) => body).join('\n');
  const { pathname } = new URL(stack.clientPath(endpoint.id), 'http://localhost');
  const credentials = basic('operator').slice('Basic '.length);
  for (const secret of [credentials, 'operator', 'Press 7', '127.0.0.1', pathname]) {
    expect(all).not.toContain(secret);
  }
  const keys = spans().flatMap(({ attributes }) => attributes.map(({ key }) => key));
  expect([...new Set(keys)].sort()).toEqual([
    'remoteaccess.outcome',
    'remoteaccess.protocol',
    'remoteaccess.session.id',
  ]);
});

it('a collector that refuses affects nobody', async () => {
  status = 500;
  const before = requests.length;
  const client = await stack.connectRaw(endpoint.id);
  await waitUntil('it was asked', () => requests.length > before);
  client.send(Buffer.from('hello'));
  const [echo] = (await once(client, 'message')) as [Buffer];
  expect(echo.toString()).toBe('hello');
  client.terminate();
});
