import type { AuditRecord } from '@remote-access/contracts/platform';
import { OPTION_CATEGORY, OPTION_KEYS } from '@remote-access/contracts/platform';
import { startMicroservice } from '@remote-access/microservice';
import { waitUntil } from '@remote-access/testkit';
import { serviceSettings } from '../fixtures/hosting';
import { basic, GATEWAY, Stack, withoutOptionRights } from '../fixtures/stack';

const SSH = {
  name: 'Shell',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'fitter',
  password: 'pässword',
} as const;

const KEYS = [OPTION_KEYS.sealingPassword, OPTION_KEYS.sealingSalt];

let stack: Stack;
afterEach(() => stack.stop());

const tenant = (name = 't1001') => stack.emulator.store.tenant(name)!;
const material = (name?: string) =>
  KEYS.map(key => tenant(name).options.get(`${OPTION_CATEGORY}/${key}`)?.value);

function put(stackTenant: ReturnType<typeof tenant>, key: string, value: string): void {
  const option = { category: OPTION_CATEGORY, key, value };
  stackTenant.options.put({ id: `${OPTION_CATEGORY}/${key}`, ...option });
}

it('is created for every tenant that has none, and audited', async () => {
  stack = await Stack.start({ agent: false });
  await waitUntil('both tenants have material', () =>
    ['t1001', 't1002'].every(name => material(name).every(value => value !== undefined)),
  );
  const values = [...material('t1001'), ...material('t1002')];
  expect(new Set(values).size).toBe(4);
  for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);

  const records = async (): Promise<AuditRecord[]> =>
    (
      await stack.json<{ auditRecords: AuditRecord[] }>('/audit/auditRecords?pageSize=100')
    ).auditRecords.filter(({ activity }) => activity === 'Remote access key material made');
  await waitUntil('it is audited', async () => (await records()).length > 0);
  const [record] = await records();
  const source = await stack.json(`/inventory/managedObjects/${record!.source!.id}`);
  expect(source).toMatchObject({ type: 'c8y_CloudRemoteAccess' });
  for (const value of values) expect(JSON.stringify(record)).not.toContain(value);
});

it('exists in time for the very first secret', async () => {
  stack = await Stack.start({ agent: false });
  await stack.addEndpoint(SSH);
  const made = material();
  await stack.restartMicroservice();
  expect(material()).toEqual(made);
  const [endpoint] = await stack.json<object[]>(
    `/service/remoteaccess/devices/${GATEWAY}/configurations`,
  );
  expect(endpoint).not.toHaveProperty('unreadable');
});

it('is the same when several replicas start at once', async () => {
  stack = await Stack.start({ agent: false });
  const replicas = await Promise.all(
    Array.from({ length: 4 }, () =>
      startMicroservice({
        ...serviceSettings(stack.emulator.url),
        LOG_LEVEL: 'error',
      }),
    ),
  );
  try {
    const seen = new Set<string>();
    let over = false;
    const watching = (async () => {
      while (!over) {
        for (const value of material()) if (value !== undefined) seen.add(value);
        await new Promise(resolve => setImmediate(resolve));
      }
    })();
    const lists = [stack.microservice, ...replicas].map(({ url }) => url);
    const added = await Promise.all(
      lists.map(async (url, index) => {
        const response = await fetch(`${url}/devices/1002/configurations`, {
          method: 'POST',
          headers: {
            authorization: basic('engineer'),
            'content-type': 'application/json',
          },
          body: JSON.stringify({ ...SSH, name: `Shell ${index}` }),
        });
        return response.status;
      }),
    );
    over = true;
    await watching;
    // Two replicas may write the list at the same time; the platform makes one of them retry.
    expect(added.filter(status => status === 201).length).toBeGreaterThan(0);
    expect(added.filter(status => status === 503)).toEqual([]);
    expect(seen.size).toBe(2);
  } finally {
    await Promise.all(replicas.map(replica => replica.stop()));
  }
});

it.each([
  ['both', [OPTION_KEYS.sealingPassword, OPTION_KEYS.sealingSalt]],
  ['only the password', [OPTION_KEYS.sealingPassword]],
  ['only the salt', [OPTION_KEYS.sealingSalt]],
  ['only previous ones', [OPTION_KEYS.previousSealingPassword]],
])('is never overwritten where %s stand', async (_which, keys) => {
  stack = await Stack.start({
    agent: false,
    prepare: emulator => {
      for (const key of keys) put(emulator.store.tenant('t1001')!, key, `by hand: ${key}`);
    },
  });
  const response = await stack.fetch(`/service/remoteaccess/devices/${GATEWAY}/configurations`, {
    method: 'POST',
    body: JSON.stringify(SSH),
  });
  expect(response.status).toBe(keys.length === 2 ? 201 : 503);
  expect(material()).toEqual(
    KEYS.map(key => ((keys as string[]).includes(key) ? `by hand: ${key}` : undefined)),
  );
});

it('that is lost is not created again, so that restoring it makes every secret usable', async () => {
  stack = await Stack.start({ agent: false });
  await stack.addEndpoint(SSH);
  const authenticated = `${OPTION_CATEGORY}/${OPTION_KEYS.endpointsAuthenticated}`;
  await waitUntil('the endpoints are authenticated', () =>
    Boolean(tenant().options.get(authenticated)),
  );
  const before = material();
  for (const key of KEYS) tenant().options.delete(`${OPTION_CATEGORY}/${key}`);
  await stack.restartMicroservice({ LOG_LEVEL: 'error' });
  const list = `/service/remoteaccess/devices/${GATEWAY}/configurations`;
  const refused = await stack.fetch(list, { method: 'POST', body: JSON.stringify(SSH) });
  expect(refused.status).toBe(503);
  expect(material()).toEqual([undefined, undefined]);
  KEYS.forEach((key, index) => put(tenant(), key, before[index]!));
  await stack.restartMicroservice();
  await expect(stack.addEndpoint({ ...SSH, name: 'Two' })).resolves.toMatchObject({ id: '2' });
});

it('is not created without the right, and can then be set manually', async () => {
  stack = await Stack.start({
    agent: false,
    prepare: withoutOptionRights,
    env: { LOG_LEVEL: 'error' },
  });
  const list = `/service/remoteaccess/devices/${GATEWAY}/configurations`;
  const refused = await stack.fetch(list, { method: 'POST', body: JSON.stringify(SSH) });
  expect(refused.status).toBe(503);
  for (const key of KEYS) put(tenant(), key, `by hand: ${key}`);
  // What another program writes takes effect within ten seconds.
  await waitUntil(
    'the new material is used',
    async () =>
      (await stack.fetch(list, { method: 'POST', body: JSON.stringify(SSH) })).status === 201,
    15_000,
  );
}, 30_000);
