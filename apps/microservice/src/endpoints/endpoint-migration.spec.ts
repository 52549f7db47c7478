import { RemoteAccessError } from '@remote-access/contracts';
import type { TenantListener } from '../platform/tenant-directory';
import { EndpointMigration } from './endpoint-migration';

const PERIOD_MS = 30_000;

/** A tenant without endpoints: which steps are taken, and when. */
function subscribed(behaviour: { hasKey?: boolean; failures?: number; isClosed?: boolean } = {}) {
  const state = { hasKey: true, failures: 0, isClosed: false, closings: 0, ...behaviour };
  const keys = { check: () => Promise.resolve(state.hasKey) };
  const authenticity = {
    isClosed: () => Promise.resolve(state.isClosed),
    closeOldForm: () => {
      state.closings += 1;
      state.failures -= 1;
      if (state.failures >= 0) return Promise.reject(new RemoteAccessError('platform-failed'));
      state.isClosed = true;
      return Promise.resolve();
    },
  };
  const cumulocity = { asService: () => ({ managedObjectsWith: () => Promise.resolve([]) }) };
  let listener: TenantListener = {};
  const tenants = { watch: (given: TenantListener) => ((listener = given), () => undefined) };
  const logged: string[] = [];
  const log = {
    info: (text: string) => logged.push(text),
    error: (text: string) => logged.push(text),
  };
  const parts = [cumulocity, tenants, keys, authenticity, {}, {}, log] as unknown;
  const migration = new EndpointMigration(
    ...(parts as ConstructorParameters<typeof EndpointMigration>),
  );
  migration.onModuleInit();
  listener.subscribed?.('t1001');
  return { state, migration, logged };
}

const settle = (ms = 0): Promise<void> => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('the migration of a tenant', () => {
  it('ends with the option, and is not repeated', async () => {
    const { state, migration } = subscribed();
    await settle();
    expect(state).toMatchObject({ isClosed: true, closings: 1 });
    await settle(3 * PERIOD_MS);
    expect(state.closings).toBe(1);
    await migration.onModuleDestroy();
  });

  it('does nothing if the option exists', async () => {
    const { state, migration } = subscribed({ isClosed: true });
    await settle(3 * PERIOD_MS);
    expect(state.closings).toBe(0);
    await migration.onModuleDestroy();
  });

  it('waits for key material', async () => {
    const { state, migration } = subscribed({ hasKey: false });
    await settle(3 * PERIOD_MS);
    expect(state.closings).toBe(0);
    state.hasKey = true;
    await settle(PERIOD_MS);
    expect(state.isClosed).toBe(true);
    await migration.onModuleDestroy();
  });

  it('is retried while the option cannot be stored, and this is logged', async () => {
    const { state, migration, logged } = subscribed({ failures: 2 });
    await settle();
    expect(state.isClosed).toBe(false);
    expect(logged).toEqual([expect.stringMatching(/could not be authenticated/)]);
    await settle(2 * PERIOD_MS);
    expect(state).toMatchObject({ isClosed: true, closings: 3 });
    await migration.onModuleDestroy();
  });

  it('ends with the service', async () => {
    const { state, migration } = subscribed({ hasKey: false });
    await settle();
    await migration.onModuleDestroy();
    state.hasKey = true;
    await settle(3 * PERIOD_MS);
    expect(state.closings).toBe(0);
  });
});
