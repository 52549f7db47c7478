import { RemoteAccessError } from '@remote-access/contracts';
import { type Cluster, SINGLE_REPLICA } from '../cluster/cluster';
import type { Log } from '../logging/log';
import type { Cumulocity } from '../platform/cumulocity';
import { SignsOfLife } from './signs-of-life';

const NOW = Date.parse('2026-11-29T12:00:00.000Z');

/** By tenant. */
let options: Record<string, Record<string, string>>;
let writes: string[];
let platformIsAway: boolean;
let tenants: string[];
let state: { isCutOff: boolean; isSettled: boolean };
let signs: SignsOfLife;

/** @param id of the replica */
function signsOf(id: string): SignsOfLife {
  const cluster: Cluster = {
    ...SINGLE_REPLICA,
    ...{ isOn: true, id },
    get isCutOff() {
      return state.isCutOff;
    },
    leaseRefusal: () =>
      state.isSettled ? undefined : new RemoteAccessError('cluster-unavailable'),
  };
  const asService = (tenant: string) => ({
    tenantOptions: () => Promise.resolve({ ...options[tenant] }),
    updateTenantOptions: (_category: string, values: object) => {
      if (platformIsAway) return Promise.reject(new RemoteAccessError('platform-timeout'));
      writes.push(tenant);
      options[tenant] = { ...options[tenant], ...values };
      return Promise.resolve();
    },
    removeTenantOption: (_category: string, key: string) => {
      delete options[tenant]?.[key];
      return Promise.resolve();
    },
  });
  return new SignsOfLife(
    { asService, now: () => Date.now() } as unknown as Cumulocity,
    { warn: () => undefined } as unknown as Log,
    cluster,
  );
}

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
  [options, writes, platformIsAway, tenants] = [{}, [], false, ['t1']];
  state = { isCutOff: false, isSettled: true };
  signs = signsOf('self');
  signs.served = { tenants: () => tenants, operations: () => [] };
  signs.onModuleInit();
});
afterEach(() => {
  signs.onModuleDestroy();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const wait = (seconds: number): Promise<void> => jest.advanceTimersByTimeAsync(seconds * 1_000);
const seen = async (tenant = 't1'): Promise<string[]> => [...(await signsOf('other').in(tenant))];

it('a replica that is cut off is seen within a second, in tenants that it serves', async () => {
  await wait(60);
  expect(writes).toEqual([]);
  state.isCutOff = true;
  await wait(1);
  expect([await seen(), await seen('t2')]).toEqual([['self'], []]);
  tenants = ['t1', 't2'];
  await wait(1);
  expect(await seen('t2')).toEqual(['self']);
});

it('is seen as long as it is cut off, with a request in five seconds', async () => {
  state.isCutOff = true;
  await wait(61);
  expect(await seen()).toEqual(['self']);
  expect(writes.length).toBeLessThanOrEqual(13);
});

it('tries again if the platform does not answer', async () => {
  [state.isCutOff, platformIsAway] = [true, true];
  await wait(10);
  expect(await seen()).toEqual([]);
  platformIsAway = false;
  await wait(1);
  expect(await seen()).toEqual(['self']);
});

it('takes the sign back once the others know it again', async () => {
  state = { isCutOff: true, isSettled: false };
  await wait(1);
  state.isCutOff = false;
  await wait(10);
  expect(Object.keys(options['t1']!)).toEqual(['self']);
  state.isSettled = true;
  await wait(1);
  expect(options['t1']).toEqual({});
});

it('one that has died is not seen for longer than 20 seconds, and its sign is removed', async () => {
  state.isCutOff = true;
  await wait(1);
  signs.onModuleDestroy();
  await wait(19);
  expect(await seen()).toEqual(['self']);
  await wait(1);
  expect(await seen()).toEqual([]);
  expect(options['t1']).toEqual({});
});

it('a sign that cannot be read counts for nothing', async () => {
  options = { t1: { forged: 'for ever', future: '2126-11-29T12:00:00.000Z' } };
  expect(await seen()).toEqual([]);
  expect(options['t1']).toEqual({});
});
