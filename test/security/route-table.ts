/** Which callers may use which route: shown in docs/permissions.md, tested in routes.spec.ts. */
export const SIGNED_IN = [
  'viewer',
  'operator',
  'engineer',
  'admin',
  'gateway',
  'other gateway',
  'other tenant',
] as const;
export type SignedIn = (typeof SIGNED_IN)[number];

export interface TableRow {
  readonly method: string;
  /** As in the OpenAPI description, without `/service/remoteaccess`. */
  readonly path: string;
  /** The required permissions, worded for docs/permissions.md. */
  readonly needs: string;
  /** Status for permitted callers. */
  readonly ok: number;
  /** Status for each signed-in caller; callers who are not signed in get 401. */
  readonly answers: Readonly<Record<SignedIn, number>>;
  /** Whether the route is served without signing in. */
  readonly open?: boolean;
  readonly body?: unknown;
}

export const ENDPOINT = { name: 'T', hostname: 'h', port: 502, protocol: 'PASSTHROUGH' };

const SETTINGS = {
  enabled: true,
  hostKeyAutosave: false,
  operationTimeoutSeconds: 30,
  idleTimeoutMs: 3_600_000,
  maxDurationSeconds: 0,
  notice: null,
};

const READ = 'READ for Remote access';
const WRITE = 'ADMIN for Remote access, ADMIN for Device control';
const OPTIONS = 'ADMIN for Option management';
const DEVICE = ', and the device is visible';

/** Other users of the tenant lack the role (403); the other tenant cannot see the device. */
function answers(
  ok: number,
  may: readonly SignedIn[],
  otherTenant: number,
): Record<SignedIn, number> {
  const entries = SIGNED_IN.map(caller => [caller, may.includes(caller) ? ok : 403] as const);
  const all = Object.fromEntries(entries) as Record<SignedIn, number>;
  return { ...all, 'other tenant': otherTenant };
}

const READERS = ['operator', 'engineer', 'admin'] as const;
const WRITERS = ['engineer', 'admin'] as const;

const LIST = '/devices/{deviceId}/configurations';

const onDevice = (method: string, path: string, ok: number, body?: unknown): TableRow => {
  const isOfSession = path.endsWith('/tickets') || path.includes('/sessions');
  const reads = ['GET', 'HEAD'].includes(method) || isOfSession;
  const needs = `${reads ? READ : WRITE}${DEVICE}`;
  return {
    method,
    path,
    needs,
    ok,
    answers: answers(ok, reads ? READERS : WRITERS, 404),
    ...(body === undefined ? {} : { body }),
  };
};

/** Routes on the caller's own tenant, so the other tenant's administrator may use them too. */
const onTenant = (
  method: string,
  path: string,
  needs: string,
  may: readonly SignedIn[],
  body?: unknown,
): TableRow => ({
  method,
  path,
  needs,
  ok: 200,
  answers: answers(200, may, 200),
  ...(body === undefined ? {} : { body }),
});

const open = (path: string): TableRow => ({
  method: 'GET',
  path,
  needs: 'nothing',
  ok: 200,
  answers: answers(200, SIGNED_IN, 200),
  open: true,
});

export const TABLE: readonly TableRow[] = [
  onDevice('GET', LIST, 200),
  onDevice('HEAD', LIST, 200),
  onDevice('GET', `${LIST}/{id}`, 200),
  onDevice('POST', LIST, 201, ENDPOINT),
  onDevice('PUT', `${LIST}/{id}`, 200, ENDPOINT),
  onDevice('PATCH', `${LIST}/{id}`, 200, ENDPOINT),
  onDevice('DELETE', `${LIST}/{id}`, 204),
  // Writers get as far as the state that they have seen, which is outdated.
  onDevice('POST', `${LIST}/{id}/confirm`, 409, { seen: 'other' }),
  onDevice('POST', '/client/{deviceId}/configurations/{endpointId}/tickets', 201, {}),
  onDevice('GET', '/devices/{deviceId}/sessions', 200),
  onTenant(
    'GET',
    '/sessions',
    `${READ}; has the caller's own and those of configurable devices`,
    READERS,
  ),
  {
    ...onTenant('DELETE', '/sessions/{sessionId}', `${READ}; as in the list`, READERS),
    ok: 404,
    answers: answers(404, READERS, 404),
  },
  // Readers may end their own sessions, but no session has this id.
  onDevice('DELETE', '/devices/{deviceId}/sessions/{sessionId}', 404),
  // Writers get as far as the body, whose host cannot be connected to.
  onDevice('POST', '/devices/{deviceId}/host-keys/fetch', 422, { hostname: '0.0.0.0', port: 22 }),
  onTenant('POST', '/keypair/generate', WRITE, WRITERS, {}),
  onTenant('POST', '/keypair/inspect', WRITE, WRITERS, {
    hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFVKV+QVvKxeGpttXUW+7u4CdzTzaWV2TCySv4/a74mf',
  }),
  onTenant('GET', '/configurations/export', `${READ}; has the gateways that are visible`, READERS),
  onTenant('POST', '/configurations/import', `${WRITE}, for each gateway`, WRITERS, []),
  onTenant('GET', '/configurations/changed', `${READ}; has the gateways that are visible`, READERS),
  onTenant('POST', '/configurations/confirm', `${WRITE}, for each gateway`, WRITERS, {
    endpoints: [],
  }),
  onTenant('GET', '/settings', `${READ}, or ${OPTIONS}`, READERS),
  onTenant('PUT', '/settings', OPTIONS, ['admin'], SETTINGS),
  onTenant('POST', '/credentials/reseal', `ADMIN for Remote access, ${OPTIONS}`, ['admin']),
  open('/health'),
  open('/health/liveness'),
  open('/health/readiness'),
  open('/openapi.json'),
];
