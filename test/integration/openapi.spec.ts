import { validate } from '@readme/openapi-parser';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiContract } from '../fixtures/api-contract';
import { Stack } from '../fixtures/stack';

const SERVICE = '/service/remoteaccess';

let stack: Stack;
let api: ApiContract;

beforeAll(async () => {
  stack = await Stack.start({ agent: false });
  const response = await fetch(`${stack.emulator.url}${SERVICE}/openapi.json`);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  api = new ApiContract((await response.json()) as OpenAPIObject);
});
afterAll(() => stack.stop());

it('is valid under the meta-schema of the version that it declares', async () => {
  expect(api.document.openapi).toBe('3.0.0');
  const verdict = await validate(structuredClone(api.document) as never);
  expect(verdict).toEqual({ valid: true, warnings: [], specification: 'OpenAPI' });
});

it('describes what every route does, needs and returns', () => {
  for (const { id, responses } of api.operations) {
    const { summary } = Object.values(api.document.paths)
      .flatMap(path => [path.get, path.put, path.post, path.patch, path.delete])
      .find(one => one?.operationId === id)!;
    expect({ id, summary }).toEqual({ id, summary: expect.stringMatching(/^[A-Z].*[^.]$/) });
    const statuses = Object.keys(responses);
    expect({ id, statuses }).toEqual({ id, statuses: expect.arrayContaining(['500']) });
    expect(statuses.some(status => status.startsWith('2'))).toBe(true);
  }
});

it('has examples that match their own schemas', () => {
  const media = api.operations.flatMap(({ id, body, responses }) =>
    [body, ...Object.values(responses)]
      .flatMap(part => Object.values(part?.content ?? {}))
      .map(part => ({ id, ...(part as any) })),
  );
  const examples = media.flatMap(({ id, schema, example, examples = {} }) =>
    [example, ...Object.values(examples).map((one: any) => one.value)]
      .filter(value => value !== undefined)
      .map(value => ({ id, schema, value })),
  );
  expect(examples.length).toBeGreaterThan(100);
  const wrong = examples.flatMap(({ id, schema, value }) =>
    api.problems(schema, value).map(problem => `${id}: ${problem}`),
  );
  expect(wrong).toEqual([]);
});

const DEVICE = { deviceId: '1002' };
const FIRST = { ...DEVICE, id: '1', endpointId: '1' };
const NOBODY = '';
const OLDER_SETTINGS = JSON.stringify({
  enabled: true,
  hostKeyAutosave: false,
  operationTimeoutSeconds: 30,
  idleTimeoutMs: 3_600_000,
  maxDurationSeconds: 0,
  notice: null,
  revision: 'older',
});

/** The order matters: each exchange builds on what the previous ones left. */
const EXCHANGES: readonly [id: string, status: number, call?: Partial<Call>][] = [
  ['Openapi.show', 200, { user: NOBODY }],
  ['Health.health', 200, { user: NOBODY }],
  ['Health.liveness', 200, { user: NOBODY }],
  ['Health.readiness', 200, { user: NOBODY }],
  ['Settings.show', 200],
  ['Settings.show', 401, { user: NOBODY }],
  ['Settings.show', 403, { user: 'viewer' }],
  ['Settings.replace', 200, { user: 'admin' }],
  ['Settings.replace', 403],
  ['Settings.replace', 422, { user: 'admin', body: '{}' }],
  ['Settings.replace', 400, { user: 'admin', body: '[]' }],
  ['Settings.replace', 409, { user: 'admin', body: OLDER_SETTINGS }],
  ['Settings.replace', 413, { user: 'admin', body: `"${'x'.repeat(1_100_000)}"` }],
  ['Settings.replace', 415, { user: 'admin', contentType: 'text/plain' }],
  ['Keypair.generate', 200],
  ['Keypair.generate', 400, { body: '{"type":"DSA"}' }],
  ['Keypair.generate', 403, { user: 'operator' }],
  ['Keypair.inspect', 200],
  ['Keypair.inspect', 422, { body: '{"publicKey":"no key"}' }],
  ['Endpoints.create', 201, { path: DEVICE }],
  ['Endpoints.create', 404, { path: { deviceId: '4711' } }],
  ['Endpoints.create', 422, { path: DEVICE, body: '{}' }],
  ['Endpoints.create', 403, { path: DEVICE, user: 'operator' }],
  ['Endpoints.list', 200, { path: DEVICE }],
  ['Endpoints.list', 404, { path: { deviceId: '4711' } }],
  ['Endpoints.one', 200, { path: FIRST }],
  ['Endpoints.one', 404, { path: { ...FIRST, id: '77' } }],
  ['Endpoints.replace', 200, { path: FIRST }],
  ['Endpoints.replace', 404, { path: { ...FIRST, id: '77' } }],
  ['Endpoints.update', 200, { path: FIRST }],
  ['Endpoints.update', 200, { path: FIRST, contentType: 'application/json' }],
  ['Endpoints.update', 422, { path: FIRST, body: '{"port":0}' }],
  ['Endpoints.update', 409, { path: FIRST, body: '{"seen":"other"}' }],
  ['Confirm.confirm', 409, { path: FIRST }],
  ['Confirm.confirm', 400, { path: FIRST, body: '{}' }],
  ['Confirm.confirm', 403, { path: FIRST, user: 'operator' }],
  ['Confirm.confirm', 404, { path: { ...FIRST, id: '77' } }],
  ['Confirm.changed', 200],
  ['Confirm.changed', 403, { user: 'viewer' }],
  ['Confirm.confirmMany', 200],
  ['Confirm.confirmMany', 400, { body: '{"endpoints":[{}]}' }],
  ['Confirm.confirmMany', 403, { user: 'operator' }],
  ['Tickets.issue', 201, { path: FIRST }],
  ['Tickets.issue', 403, { path: FIRST, user: 'viewer' }],
  ['Sessions.list', 200, { path: DEVICE }],
  ['Sessions.list', 403, { path: DEVICE, user: 'viewer' }],
  ['Sessions.end', 404, { path: { ...DEVICE, sessionId: '1' } }],
  ['AllSessions.list', 200],
  ['AllSessions.list', 403, { user: 'viewer' }],
  ['AllSessions.end', 404, { path: { sessionId: '1' } }],
  ['HostKeyFetch.fetch', 403, { path: DEVICE, user: 'operator' }],
  ['HostKeyFetch.fetch', 404, { path: { deviceId: '4711' } }],
  ['HostKeyFetch.fetch', 422, { path: DEVICE, body: '{}' }],
  ['Reseal.reseal', 200, { user: 'admin' }],
  ['Reseal.reseal', 403],
  ['Transfer.import', 200],
  ['Transfer.import', 200, { body: 'deviceId,id\r\n1002,9', contentType: 'text/csv' }],
  ['Transfer.import', 403, { user: 'operator' }],
  ['Transfer.import', 400, { body: '{}' }],
  ['Transfer.export', 200],
  ['Transfer.export', 200, { query: '?format=csv' }],
  ['Transfer.export', 400, { query: '?format=xml' }],
  ['Endpoints.remove', 204, { path: FIRST }],
  ['Endpoints.remove', 404, { path: FIRST }],
];

interface Call {
  query: string;
  path: Record<string, string>;
  /** Empty for a request without credentials. */
  user: string;
  /** The example in the description by default. */
  body: string;
  contentType: string;
}

describe('the real response', () => {
  it.each(EXCHANGES)(
    'of %s with %i matches the API description, %#',
    async (id, status, call = {}) => {
      const response = await exchange(id, call);
      const text = await response.text();
      expect(response.status).toBe(status);
      const type = response.headers.get('content-type');
      expect(api.answerProblems(id, status, type, text)).toEqual([]);
    },
  );

  it('is checked for every route', () => {
    const seen = new Set(EXCHANGES.map(([id]) => id));
    expect(api.operations.map(({ id }) => id).filter(id => !seen.has(id))).toEqual([]);
  });
});

/** Sends the example in the description, unless the request has its own body. */
function exchange(id: string, call: Partial<Call>): Promise<Response> {
  const { method, path, body } = api.operation(id);
  const address = path.replace(/\{(\w+)\}/g, (_all, name: string) => call.path?.[name] ?? name);
  const [usualType, media] = Object.entries<any>(body?.content ?? {})[0] ?? [];
  const example = media?.examples.usual.value;
  const sent = call.body ?? (example === undefined ? undefined : JSON.stringify(example));
  const headers: Record<string, string> = {};
  if (sent !== undefined) headers['content-type'] = call.contentType ?? usualType ?? '';
  if (call.user === NOBODY) headers['authorization'] = '';
  return stack.fetch(`${SERVICE}${address}${call.query ?? ''}`, {
    method,
    user: call.user || 'engineer',
    headers,
    ...(sent === undefined ? {} : { body: sent }),
  });
}
