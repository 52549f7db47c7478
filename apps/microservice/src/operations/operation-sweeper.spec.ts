import { RemoteAccessError } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import type { SignsOfLife } from '../audit/signs-of-life';
import { SINGLE_REPLICA } from '../cluster/cluster';
import type { Log } from '../logging/log';
import type { TenantOptions } from '../tenant-settings/tenant-options';
import type { Cumulocity } from '../platform/cumulocity';
import type { TenantDirectory, TenantListener } from '../platform/tenant-directory';
import type { ConnectOperations } from './connect-operations';
import { OperationSweeper } from './operation-sweeper';

const TIMEOUT_MS = 30_000;
const NOW = Date.parse('2026-11-24T12:00:00.000Z');

const operation = (id: string, ageMs: number, change: Partial<Operation> = {}): Operation => ({
  id,
  deviceId: '7',
  status: 'PENDING',
  description: 'Connect to remote access server',
  creationTime: new Date(NOW - ageMs).toISOString(),
  ...change,
});

let operations: Operation[];
let failed: string[];
let asked: object[];
let platformIsAway: boolean;
let subscribe: TenantListener['subscribed'];
let sweeper: OperationSweeper;
let died: (replica: string) => void;
/** The operations that other replicas serve; `undefined` while not every replica answers. */
let elsewhere: string[] | undefined;
let questions: number;
/** Replicas that cannot be asked, and show that they live; `undefined` if that is not known. */
let cutOff: string[] | undefined;
let tenantIds: string[];
/** How far the platform's clock is ahead of the machine's. */
let clockOffsetMs: number;
/** What this replica answers when another one asks which operations it serves. */
let answerOf: (question: { tenant: string; ids: string[] }) => string[];

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
  clockOffsetMs = 0;
  [operations, failed, asked, platformIsAway] = [[], [], [], false];
  [elsewhere, questions, tenantIds, cutOff] = [[], 0, ['t1'], []];
  const platform = {
    operations: (filter: { status: string }, page: number, pageSize: number) => {
      asked.push({ ...filter, page });
      if (platformIsAway) return Promise.reject(new Error('away'));
      const found = operations.filter(({ status }) => status === filter.status);
      return Promise.resolve(found.slice((page - 1) * pageSize, page * pageSize));
    },
  };
  const tenants = {
    tenants: () => tenantIds,
    watch: (listener: TenantListener) => {
      subscribe = listener.subscribed;
      return () => (subscribe = undefined);
    },
  };
  const connectOperations = {
    isServing: (tenant: string, id: string) => tenant === 't1' && id === 'ours',
    failUnfinished: (tenant: string, id: string, reason: string) => {
      expect(reason).toMatch(/^No session can use this any more/);
      failed.push(tenant === 't1' ? id : `${id} of ${tenant}`);
      return Promise.resolve();
    },
  };
  sweeper = new OperationSweeper(
    { asService: () => platform, now: () => Date.now() + clockOffsetMs } as unknown as Cumulocity,
    tenants as unknown as TenantDirectory,
    { of: () => Promise.resolve({ operationTimeoutMs: TIMEOUT_MS }) } as unknown as TenantOptions,
    connectOperations as unknown as ConnectOperations,
    {
      in: () => (cutOff ? Promise.resolve(new Set(cutOff)) : Promise.reject(new Error('away'))),
    } as unknown as SignsOfLife,
    { info: () => undefined, warn: () => undefined } as unknown as Log,
    {
      ...SINGLE_REPLICA,
      answer: (_topic, answer) => (answerOf = answer as unknown as typeof answerOf),
      askEvery: (_topic, question) => {
        questions += 1;
        if (elsewhere === undefined) {
          return Promise.resolve(new RemoteAccessError('cluster-unavailable'));
        }
        const { tenant } = question as { tenant: string };
        return Promise.resolve([tenant === 't1' ? elsewhere : []] as never[]);
      },
      onReplicaDied: listener => (died = listener),
    },
  );
  sweeper.onModuleInit();
});
afterEach(() => {
  sweeper.onModuleDestroy();
  expect(jest.getTimerCount()).toBe(0);
  expect(subscribe).toBeUndefined();
  jest.useRealTimers();
});

async function swept(): Promise<string[]> {
  subscribe!('t1');
  await jest.advanceTimersByTimeAsync(0);
  return failed;
}

it('fails operations that are unfinished after a gateway’s timeout', async () => {
  operations = [
    operation('waits', 41_000),
    operation('begun', 41_000, { status: 'EXECUTING' }),
    operation('young', 39_000),
  ];
  expect(await swept()).toEqual(['waits', 'begun']);
});

it('leaves operations alone that are served here or created by others', async () => {
  operations = [
    operation('ours', 100_000),
    operation('theirs', 100_000, { description: 'Another product' }),
    operation('broken', 0, { creationTime: 'yesterday' }),
  ];
  expect(await swept()).toEqual([]);
});

it('sweeps again once operations that were just abandoned are old enough', async () => {
  operations = [operation('young', 1_000)];
  expect(await swept()).toEqual([]);
  await jest.advanceTimersByTimeAsync(45_000);
  expect(failed).toEqual(['young']);
});

it('sweeps periodically, also after an outage of the platform', async () => {
  platformIsAway = true;
  operations = [operation('waits', 41_000)];
  expect(await swept()).toEqual([]);
  platformIsAway = false;
  await jest.advanceTimersByTimeAsync(10 * 60_000);
  expect(failed).toContain('waits');
});

it('reads page by page, and no further than necessary', async () => {
  operations = Array.from({ length: 250 }, (_, index) => operation(`n${index}`, 60_000));
  expect(await swept()).toHaveLength(250);
  const pages = asked.filter(one => (one as Operation).status === 'PENDING');
  expect(pages).toMatchObject([{ page: 1 }, { page: 2 }, { page: 3 }]);
});

it('leaves operations alone that another replica serves', async () => {
  operations = [operation('waits', 41_000), operation('begun', 41_000, { status: 'EXECUTING' })];
  elsewhere = ['begun'];
  expect(await swept()).toEqual(['waits']);
});

it.each([3_600_000, -3_600_000])(
  'goes by the platform’s clock, which is %i ms ahead of the machine’s',
  async offsetMs => {
    clockOffsetMs = offsetMs;
    operations = [operation('waits', 41_000 - offsetMs), operation('young', 39_000 - offsetMs)];
    expect(await swept()).toEqual(['waits']);
    died('another replica');
    await jest.advanceTimersByTimeAsync(3_000);
    expect(failed).toEqual(['waits', 'waits', 'young']);
  },
);

it('does not confuse tenants, whose operations may have the same ids', async () => {
  operations = [operation('ours', 100_000), operation('theirs', 100_000)];
  elsewhere = ['theirs'];
  tenantIds = ['t1', 't2'];
  expect(answerOf({ tenant: 't1', ids: ['ours'] })).toEqual(['ours']);
  expect(answerOf({ tenant: 't2', ids: ['ours'] })).toEqual([]);
  subscribe!('t2');
  expect(await swept()).toEqual(['ours of t2', 'theirs of t2']);
});

it('asks again for each of two tenants that have an operation with the same id', async () => {
  operations = [operation('waits', 41_000)];
  elsewhere = undefined;
  tenantIds = ['t1', 't2'];
  subscribe!('t2');
  expect(await swept()).toEqual([]);
  elsewhere = [];
  await jest.advanceTimersByTimeAsync(2_000);
  expect(failed.sort()).toEqual(['waits', 'waits of t2']);
});

it('fails nothing as long as not every replica has answered, and asks again', async () => {
  operations = [
    operation('waits', 41_000),
    operation('begun', 41_000, { status: 'EXECUTING' }),
    operation('served', 41_000, { status: 'EXECUTING' }),
  ];
  elsewhere = undefined;
  expect(await swept()).toEqual([]);
  await jest.advanceTimersByTimeAsync(3_600_000);
  expect(failed).toEqual([]);
  elsewhere = ['served'];
  await jest.advanceTimersByTimeAsync(2_000);
  expect(failed.sort()).toEqual(['begun', 'waits']);
});

it('fails nothing while a replica lives that cannot be asked', async () => {
  operations = [operation('waits', 41_000)];
  cutOff = ['another replica'];
  await swept();
  await jest.advanceTimersByTimeAsync(60_000);
  cutOff = undefined;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(failed).toEqual([]);
  cutOff = [];
  await jest.advanceTimersByTimeAsync(2_000);
  expect(failed).toEqual(['waits']);
});

it('asks about each operation once in two seconds, no matter how long it takes', async () => {
  operations = [operation('waits', 41_000)];
  elsewhere = undefined;
  await swept();
  await jest.advanceTimersByTimeAsync(3_600_000);
  const before = questions;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(questions - before).toBeLessThanOrEqual(31);
});

it('asks no more once its tenant has unsubscribed', async () => {
  operations = [operation('waits', 41_000)];
  elsewhere = undefined;
  await swept();
  tenantIds = [];
  await jest.advanceTimersByTimeAsync(2_000);
  const before = questions;
  await jest.advanceTimersByTimeAsync(20_000);
  expect(questions).toBe(before);
});

describe('after another replica has died', () => {
  beforeEach(() => {
    operations = [operation('new', 500), operation('served', 500)];
  });

  it('finishes what nobody serves at once', async () => {
    elsewhere = ['served'];
    died('another replica');
    await jest.advanceTimersByTimeAsync(3_000);
    expect(failed).toEqual(['new']);
  });

  it('tries again if the platform does not answer, at first or later', async () => {
    elsewhere = ['served'];
    platformIsAway = true;
    died('another replica');
    await jest.advanceTimersByTimeAsync(9_000);
    platformIsAway = false;
    await jest.advanceTimersByTimeAsync(1_000);
    platformIsAway = true;
    await jest.advanceTimersByTimeAsync(3_000);
    platformIsAway = false;
    await jest.advanceTimersByTimeAsync(12_000);
    expect(failed).toEqual([]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(failed).toEqual(['new']);
  });

  it('waits for the answer of a third one that is slow', async () => {
    elsewhere = undefined;
    died('another replica');
    await jest.advanceTimersByTimeAsync(3_000);
    expect([failed, questions]).toEqual([[], 1]);
    elsewhere = ['served'];
    await jest.advanceTimersByTimeAsync(2_000);
    expect(failed).toEqual(['new']);
  });
});
