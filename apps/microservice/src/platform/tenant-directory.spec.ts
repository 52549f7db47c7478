import { Log } from '../logging/log';
import { MemoryBudget, memoryLimits } from '../memory/memory-budget';
import { readSettings } from '../settings/settings';
import { Cumulocity, ServiceAccounts } from './cumulocity';
import { FakePlatform } from './fake-platform.fixture';
import { TenantDirectory } from './tenant-directory';

const SUBSCRIPTIONS = 'GET /application/currentApplication/subscriptions';

let platform: FakePlatform;
let directory: TenantDirectory;
let accounts: ServiceAccounts;
const news: string[] = [];

function subscribe(...tenants: string[]): void {
  const users = tenants.map(tenant => ({ tenant, name: `service_${tenant}`, password: 'p' }));
  platform.answer(SUBSCRIPTIONS, { users });
}

function create(env: NodeJS.ProcessEnv = {}): TenantDirectory {
  const settings = readSettings({
    C8Y_BASEURL: platform.url,
    C8Y_BOOTSTRAP_TENANT: 'management',
    C8Y_BOOTSTRAP_USER: 'bootstrap',
    C8Y_BOOTSTRAP_PASSWORD: 'p',
    ...env,
  });
  accounts = new ServiceAccounts();
  const cumulocity = new Cumulocity(
    settings,
    accounts,
    new MemoryBudget(memoryLimits(16_000_000, false)),
  );
  const log = new Log({ logLevel: 'error' });
  directory = new TenantDirectory(settings, cumulocity, accounts, log);
  directory.watch({
    subscribed: tenant => news.push(`+${tenant}`),
    unsubscribed: tenant => news.push(`-${tenant}`),
  });
  return directory;
}

beforeEach(async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  news.length = 0;
  platform = await FakePlatform.start();
});
afterEach(async () => {
  directory.onModuleDestroy();
  await platform.stop();
  jest.useRealTimers();
});

describe('TenantDirectory', () => {
  it('knows the subscribed tenants and their service users', async () => {
    subscribe('t1', 't2');
    create();
    expect(directory.known).toBe(false);
    await expect(directory.has('t1')).resolves.toBe(true);
    expect(directory.known).toBe(true);
    expect(directory.tenants()).toEqual(['t1', 't2']);
    expect(accounts.of('t2')).toMatchObject({ tenant: 't2', user: 'service_t2' });
  });

  it('reads at once for an unknown tenant, but not on every request', async () => {
    subscribe('t1');
    create();
    await directory.has('t1');
    subscribe('t1', 't2');
    await expect(directory.has('t2')).resolves.toBe(false);
    jest.advanceTimersByTime(1_000);
    const answers = await Promise.all([directory.has('t2'), directory.has('t3')]);
    expect(answers).toEqual([true, false]);
    expect(platform.requests).toHaveLength(2);
    expect(news).toEqual(['+t1', '+t2']);
  });

  it('lets requests during a read await its result', async () => {
    subscribe('t1');
    create().onModuleInit();
    await expect(directory.has('t1')).resolves.toBe(true);
    expect(platform.requests).toHaveLength(1);
  });

  it('notices tenants that subscribe and unsubscribe', async () => {
    subscribe('t1', 't2');
    create().onModuleInit();
    await platform.nextRequest();
    await until(() => directory.known);
    subscribe('t2', 't3');
    const next = platform.nextRequest();
    await until(() => jest.getTimerCount() > 0);
    jest.advanceTimersByTime(10_000);
    await next;
    await until(() => news.length === 4);
    expect(news).toEqual(['+t1', '+t2', '+t3', '-t1']);
  });

  it('keeps the known tenants while the platform fails, and starts without it', async () => {
    platform.answer(SUBSCRIPTIONS, 503);
    create();
    const refusal = { code: 'platform-failed' };
    await expect(directory.has('t1')).rejects.toMatchObject(refusal);
    await expect(directory.has('t1')).rejects.toMatchObject(refusal);
    expect(directory.known).toBe(false);
    jest.advanceTimersByTime(1_000);
    subscribe('t1');
    await expect(directory.has('t1')).resolves.toBe(true);
    platform.answer(SUBSCRIPTIONS, 503);
    jest.advanceTimersByTime(1_000);
    await directory.has('unknown');
    expect(directory.tenants()).toEqual(['t1']);
  });

  it('has the single tenant of the environment with PER_TENANT isolation', async () => {
    const own = { C8Y_TENANT: 't9', C8Y_USER: 'service_t9', C8Y_PASSWORD: 'p' };
    create({ C8Y_MICROSERVICE_ISOLATION: 'PER_TENANT', ...own });
    await expect(directory.has('t9')).resolves.toBe(true);
    expect(platform.requests).toEqual([]);
  });
});

/** Lets sockets and promises proceed while timers stand still. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
