import { type DeviceId, isRefusal, type TenantId } from '@remote-access/contracts';
import type { Session } from './session';
import type { SessionEnd } from './session-end';
import { type Cluster, type Questions, SINGLE_REPLICA } from '../cluster/cluster';
import { SessionQuotas, SessionRegistry } from './session-registry';

function sessionOf(userName: string, deviceId: string, tenant = 't1') {
  const ends: SessionEnd[] = [];
  let tellOver!: (session: Session) => void;
  const session = {
    subject: {
      caller: { tenant: tenant as TenantId, userName },
      gateway: { id: deviceId as DeviceId, name: deviceId },
    },
    onOver: (listener: typeof tellOver) => (tellOver = listener),
    end: (end: SessionEnd) => ends.push(end),
  };
  const shown = session as unknown as Session;
  return { session: shown, ends, finish: () => tellOver(shown) };
}

describe('session quotas (security)', () => {
  let registry: SessionRegistry;
  beforeEach(() => (registry = new SessionRegistry({ perUser: 2, perDevice: 3 })));

  const refusalOf = (userName: string, deviceId: string, tenant?: string) =>
    registry.quotaRefusal(sessionOf(userName, deviceId, tenant).session.subject)?.message;

  it('prevent one user from taking every session', () => {
    const first = sessionOf('ana', '1');
    registry.add(first.session);
    registry.add(sessionOf('ana', '2').session);
    expect(refusalOf('ana', '3')).toBe('You have 2 sessions; a user may have 2 at a time.');
    expect(refusalOf('ben', '3')).toBeUndefined();
    expect(refusalOf('ana', '3', 't2')).toBeUndefined();
    first.finish();
    expect(refusalOf('ana', '3')).toBeUndefined();
  });

  it('limit the sessions on a gateway', () => {
    for (const user of ['ana', 'ben', 'eva']) registry.add(sessionOf(user, '1').session);
    const text = 'The gateway has 3 sessions; it may have 3 at a time.';
    expect(refusalOf('kim', '1')).toBe(text);
    expect(refusalOf('kim', '1', 't2')).toBeUndefined();
  });

  it('apply to sessions that are admitted at the same moment', () => {
    const all = Array.from({ length: 4 }, () => sessionOf('ana', '1'));
    for (const { session } of all) registry.add(session);
    expect(all.map(({ ends }) => ends[0]?.error?.code)).toEqual([
      undefined,
      undefined,
      'too-many-requests',
      'too-many-requests',
    ]);
  });
});

describe('quotas of several replicas (security)', () => {
  type Count = Questions['count'];
  type Answer = (question: Count['ask']) => Count['answer'];

  /** Replicas that answer each other's questions in later turns of the event loop. */
  function replicas(count: number, perDevice: number) {
    const answers: Answer[] = [];
    return Array.from({ length: count }, (_, index) => {
      const cluster = {
        ...SINGLE_REPLICA,
        isOn: true,
        id: String(index),
        answer: (_topic: string, answer: Answer) => answers.push(answer),
        askAll: (_topic: string, question: Count['ask']) => {
          const others = answers.filter((_answer, other) => other !== index);
          return Promise.all(
            others.map(async answer => {
              await someTurns();
              const found = answer(question);
              await someTurns();
              return found;
            }),
          );
        },
      } as unknown as Cluster;
      const registry = new SessionRegistry({ perUser: 100, perDevice });
      return { registry, quotas: new SessionQuotas(cluster, registry) };
    });
  }

  async function someTurns(): Promise<void> {
    const turns = Math.floor(Math.random() * 4);
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
  }

  it('let exactly as many of the sessions remain that were admitted at the same moment', async () => {
    for (let round = 0; round < 100; round += 1) {
      const all = replicas(3, 4);
      const remaining = await Promise.all(
        Array.from({ length: 9 }, async (_, index) => {
          const { registry, quotas } = all[index % 3]!;
          await someTurns();
          const { session, ends } = sessionOf('ana', '1');
          registry.add(session);
          return ends.length === 0 && !(await quotas.refusalOfAdded(session));
        }),
      );
      expect(remaining.filter(Boolean)).toHaveLength(4);
    }
  });

  it('count connections that are not sessions in the same order', async () => {
    for (let round = 0; round < 100; round += 1) {
      const all = replicas(3, 4);
      const parties = sessionOf('ana', '1').session.subject;
      const remaining = await Promise.all(
        Array.from({ length: 9 }, async (_, index) => {
          const { registry, quotas } = all[index % 3]!;
          await someTurns();
          if (index % 2 === 0) return !isRefusal(await quotas.occupy({ ...parties }));
          const { session, ends } = sessionOf('ana', '1');
          registry.add(session);
          return ends.length === 0 && !(await quotas.refusalOfAdded(session));
        }),
      );
      expect(remaining.filter(Boolean).length).toBeLessThanOrEqual(4);
      expect(remaining).toContain(true);
    }
  });

  it('give a place back that came too late', async () => {
    const [first, second] = replicas(2, 1);
    const parties = sessionOf('ana', '1').session.subject;
    const places = await Promise.all([
      first!.quotas.occupy({ ...parties }),
      second!.quotas.occupy({ ...parties }),
    ]);
    const held = places.filter(place => !isRefusal(place));
    expect(held.length).toBeLessThanOrEqual(1);
    for (const leave of held) (leave as () => void)();
    const counts = [first!, second!].map(({ registry }) => registry.count(parties).onDevice);
    expect(counts).toEqual([0, 0]);
  });
});
