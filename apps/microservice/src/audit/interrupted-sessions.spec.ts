import { RemoteAccessError } from '@remote-access/contracts';
import { type AuditRecord, SESSION_FRAGMENT } from '@remote-access/contracts/platform';
import { type Lease, SINGLE_REPLICA } from '../cluster/cluster';
import type { Log } from '../logging/log';
import type { Cumulocity } from '../platform/cumulocity';
import type { TenantDirectory, TenantListener } from '../platform/tenant-directory';
import { type AuditTrail, SESSION_CONTINUES, SESSION_ENDED, SESSION_STARTED } from './audit-trail';
import { InterruptedSessions, ServiceProcess } from './interrupted-sessions';
import type { SignsOfLife } from './signs-of-life';

const NOW = Date.parse('2026-11-29T12:00:00.000Z');
/** The predecessor's grace period, and what an orchestrator takes to replace it. */
const GRACE_MS = 40_000 + 20_000;

let records: AuditRecord[];
let written: { sourceId: string; user: string; text: string }[];
let asked: Record<string, string>[];
let platformIsAway: boolean;
let subscribe: TenantListener['subscribed'];
let sessions: InterruptedSessions;
let died: (replica: string) => void;
let back: (awayMs: number) => void;
/** Replicas that cannot be asked, and show that they live. */
let cutOff: string[];
/** The operations that this process serves. */
let served: string[];
/** Whether every other replica answers. */
let allAnswer: boolean;
/** How far the platform's clock is ahead of the machine's. */
let clockOffsetMs: number;
/** The lease on the work; `undefined` while it is refused. */
let lease: Lease | undefined;
const OTHER_REPLICA = 'another replica';
const self = new ServiceProcess({
  ...SINGLE_REPLICA,
  askEvery: (_topic, question) =>
    Promise.resolve(
      allAnswer
        ? ([(question as { owner: string }).owner === OTHER_REPLICA] as never[])
        : new RemoteAccessError('cluster-unavailable'),
    ),
});

function record(activity: string, id: string, change: Partial<AuditRecord> = {}): AuditRecord {
  const time = new Date(NOW - 60_000).toISOString();
  const source = { id };
  const text = 'Connected to endpoint "Press"';
  const base = { type: 'Operation', activity, source, text, time, user: 'ana', creationTime: time };
  return { id: `${activity} ${id}`, ...base, ...change };
}

const started = (id: string, owner?: string): AuditRecord =>
  record(SESSION_STARTED, id, owner === undefined ? {} : { [SESSION_FRAGMENT]: { owner } });

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
  [records, written, asked, platformIsAway] = [[], [], [], false];
  [allAnswer, lease, clockOffsetMs] = [true, { isHeld: true }, 0];
  [cutOff, served] = [[], []];
  const platform = {
    auditRecords: (filter: Record<string, string>, page: number, pageSize: number) => {
      asked.push(filter);
      if (platformIsAway) return Promise.reject(new Error('away'));
      const found = records.filter(
        ({ source }) => filter['source'] === undefined || source?.id === filter['source'],
      );
      return Promise.resolve(found.slice((page - 1) * pageSize, page * pageSize));
    },
  };
  const tenants = {
    tenants: () => ['t1'],
    watch: (listener: TenantListener) => {
      subscribe = listener.subscribed;
      return () => (subscribe = undefined);
    },
  };
  const audit = {
    record: (_tenant: string, entry: { sourceId: string; user: string; text: string }) => {
      written.push(entry);
      return Promise.resolve(true);
    },
  };
  sessions = new InterruptedSessions(
    { asService: () => platform, now: () => Date.now() + clockOffsetMs } as unknown as Cumulocity,
    tenants as unknown as TenantDirectory,
    audit as unknown as AuditTrail,
    self,
    {
      in: () => Promise.resolve(new Set(cutOff)),
      served: { tenants: () => ['t1'], operations: () => served },
    } as unknown as SignsOfLife,
    { info: () => undefined, warn: () => undefined } as unknown as Log,
    {
      ...SINGLE_REPLICA,
      withLease: async (_name, work) =>
        lease ? work(lease) : new RemoteAccessError('cluster-unavailable'),
      onReplicaDied: listener => (died = listener),
      onReturn: listener => (back = listener),
    },
    { stopGraceMs: 40_000 },
  );
  sessions.onModuleInit();
});
afterEach(() => {
  sessions.onModuleDestroy();
  expect(jest.getTimerCount()).toBe(0);
  expect(subscribe).toBeUndefined();
  jest.useRealTimers();
});

async function settled(): Promise<string[]> {
  subscribe!('t1');
  await jest.advanceTimersByTimeAsync(GRACE_MS);
  return written.map(({ sourceId }) => sourceId);
}

it('writes the end of sessions whose process is gone, in the name of their user', async () => {
  records = [
    started('1', 'killed'),
    started('2', self.id),
    record(SESSION_ENDED, '3'),
    started('3'),
  ];
  expect(await settled()).toEqual(['1']);
  expect(written[0]).toMatchObject({ user: 'ana', activity: SESSION_ENDED });
  expect(written[0]!.text).toContain('The service was interrupted');
  expect(written[0]!.text).toContain('Connected to endpoint "Press"');
});

it('leaves the sessions of other replicas alone', async () => {
  records = [started('1', OTHER_REPLICA), started('2', 'a process that is gone')];
  expect(await settled()).toEqual(['2']);
});

it('waits as long as a process that is being replaced may still serve its sessions', async () => {
  records = [started('1', 'stopping')];
  subscribe!('t1');
  await jest.advanceTimersByTimeAsync(GRACE_MS - 1);
  expect(asked).toEqual([]);
  records.unshift(record(SESSION_ENDED, '1'));
  await jest.advanceTimersByTimeAsync(1);
  expect(written).toEqual([]);
});

it('looks back seven days, and reads every page', async () => {
  records = Array.from({ length: 2_500 }, (_, index) => record(SESSION_ENDED, `${index}`));
  records.push(started('old', 'killed'));
  expect(await settled()).toEqual(['old']);
  expect(asked[0]).toMatchObject({ dateFrom: '2026-11-22T12:01:00.000Z', type: 'Operation' });
});

it('looks for records by the platform’s clock, and for those of a process whose clock is ahead', async () => {
  clockOffsetMs = 3_600_000;
  await settled();
  expect(asked[0]).toMatchObject({
    dateFrom: '2026-11-22T13:01:00.000Z',
    dateTo: '2026-11-30T13:01:00.000Z',
  });
});

it('tries again later if the platform is away', async () => {
  records = [started('1', 'killed')];
  platformIsAway = true;
  expect(await settled()).toEqual([]);
  platformIsAway = false;
  await jest.advanceTimersByTimeAsync(300_000);
  expect(written).toHaveLength(1);
});

it('ends the sessions of a replica that died within seconds, and of no other', async () => {
  records = [started('1', 'died'), started('2', 'stopping'), started('3', self.id)];
  died('died');
  await jest.advanceTimersByTimeAsync(3_000);
  expect(written.map(({ sourceId }) => sourceId)).toEqual(['1']);
});

it('leaves the sessions of a replica alone that is heard again', async () => {
  records = [started('1', OTHER_REPLICA)];
  died(OTHER_REPLICA);
  await jest.advanceTimersByTimeAsync(3_000);
  expect(written).toEqual([]);
});

it('writes nothing as long as not every replica has answered, and asks again', async () => {
  records = [started('1', OTHER_REPLICA), started('2', 'killed'), started('3', 'killed')];
  allAnswer = false;
  expect(await settled()).toEqual([]);
  const reads = asked.length;
  await jest.advanceTimersByTimeAsync(3_600_000);
  expect(written).toEqual([]);
  // Only the replicas are asked again, not the platform.
  expect(asked).toHaveLength(reads);
  allAnswer = true;
  await jest.advanceTimersByTimeAsync(2_000);
  expect(written.map(({ sourceId }) => sourceId)).toEqual(['2', '3']);
});

it('writes no second end of a session that was ended while the replicas did not answer', async () => {
  records = [started('1', 'killed')];
  allAnswer = false;
  expect(await settled()).toEqual([]);
  records.unshift(record(SESSION_ENDED, '1'));
  allAnswer = true;
  await jest.advanceTimersByTimeAsync(2_000);
  expect(written).toEqual([]);
});

it.each<[string, Lease | undefined]>([
  ['has the lease', undefined],
  ['has lost it', { isHeld: false }],
])('writes nothing while another replica %s', async (_what, refused) => {
  records = [started('1', 'killed')];
  lease = refused;
  expect(await settled()).toEqual([]);
  lease = { isHeld: true };
  await jest.advanceTimersByTimeAsync(2_000);
  expect(written).toHaveLength(1);
});

describe('with several replicas', () => {
  const own = { [SESSION_FRAGMENT]: { endpointId: '1', code: 'normal' } };
  const continued = async (): Promise<object[]> => {
    back(10_000);
    await jest.advanceTimersByTimeAsync(3_000);
    return written;
  };

  it('writes nothing while a replica shows that it lives but cannot be asked', async () => {
    records = [started('1', 'cut off')];
    cutOff = ['cut off'];
    died('cut off');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(written).toEqual([]);
    cutOff = ['yet another one'];
    await jest.advanceTimersByTimeAsync(2_000);
    expect(written).toHaveLength(1);
  });

  it('takes back the end of a session that this process still serves', async () => {
    records = [record(SESSION_ENDED, '1'), started('1', self.id)];
    served = ['1'];
    expect(await continued()).toMatchObject([
      { sourceId: '1', user: 'ana', activity: SESSION_CONTINUES },
    ]);
    // As far back as it may have been taken for dead, and a minute for clocks that differ.
    expect(asked.at(-1)).toMatchObject({ dateFrom: '2026-11-29T11:58:50.000Z' });
    records.unshift(record(SESSION_CONTINUES, '1'));
    expect(await continued()).toHaveLength(1);
    records.unshift(record(SESSION_ENDED, '1'));
    expect(await continued()).toHaveLength(2);
  });

  it('takes nothing back that has ended, or that nobody ended', async () => {
    served = ['1', '2', '3'];
    records = [
      record(SESSION_ENDED, '1', own),
      record(SESSION_ENDED, '1'),
      started('1', self.id),
      started('2', self.id),
      record(SESSION_ENDED, '4'),
      started('4', self.id),
    ];
    expect(await continued()).toEqual([]);
  });
});
