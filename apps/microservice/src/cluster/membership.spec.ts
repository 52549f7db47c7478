import type { Broker } from './broker';
import { Membership } from './membership';

type Listener = (message: unknown) => void;
interface Presence {
  readonly id: string;
  readonly count: number;
  readonly leaving?: boolean;
}

/** Delivers to this replica what it and the test publish. */
class LoopbackBroker {
  /** Whether published messages arrive. */
  isUp = true;
  readonly published: { topic: string; message: Presence }[] = [];
  private readonly listeners = new Map<string, Listener>();

  subscribe(topic: string, listener: Listener): () => void {
    this.listeners.set(topic, listener);
    return () => this.listeners.delete(topic);
  }

  publish(topic: string, message: Presence): void {
    this.published.push({ topic, message });
    if (this.isUp) this.deliver(topic, message);
  }

  deliver(topic: string, message: unknown): void {
    this.listeners.get(topic)?.(message);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}

const SELF = { id: 'm', host: '10.0.0.1', port: 1 };

let broker: LoopbackBroker;
let membership: Membership;
let gone: [string, boolean][];
/** The replicas that answer over a direct connection. */
let answering: Set<string>;
/** Lets answers arrive; until it is called they are on their way. */
let deliver: (() => void) | undefined;

beforeEach(() => {
  jest.useFakeTimers();
  broker = new LoopbackBroker();
  answering = new Set();
  deliver = undefined;
  membership = new Membership(broker as unknown as Broker, SELF, ({ id }) =>
    id === 'slow'
      ? new Promise(resolve => (deliver = () => resolve(true)))
      : Promise.resolve(answering.has(id)),
  );
  gone = [];
  membership.whenGone((id, hasDied) => gone.push([id, hasDied]));
  membership.start();
});
afterEach(async () => {
  await membership.stop();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const wait = (seconds: number): void => {
  jest.advanceTimersByTime(seconds * 1_000);
};
const known = (): string[] => membership.list().map(({ id }) => id);

function heard(id: string, count: number, change: object = {}): void {
  broker.deliver('presence', { id, host: '10.0.0.2', port: 2, count, sentAtMs: 0, ...change });
}

/** Another replica sends a heartbeat each second. */
function beats(id: string, seconds: number, firstCount: number): void {
  for (let second = 0; second < seconds; second += 1) {
    heard(id, firstCount + second);
    wait(1);
  }
}

describe('its own heartbeats', () => {
  describe('a replica that starts', () => {
    let isIntroduced: boolean;

    beforeEach(() => {
      isIntroduced = false;
      void membership.introduced().then(() => (isIntroduced = true));
    });

    it('waits until it knows the others', async () => {
      await jest.advanceTimersByTimeAsync(2_900);
      expect([membership.isSettled, isIntroduced]).toEqual([false, false]);
      await jest.advanceTimersByTimeAsync(200);
      expect([membership.isSettled, isIntroduced]).toEqual([true, true]);
    });

    it('was missed by nobody', async () => {
      const back = jest.fn();
      membership.whenBack(back);
      await jest.advanceTimersByTimeAsync(4_000);
      expect(membership.isReachable).toBe(true);
      expect(back).not.toHaveBeenCalled();
    });

    it('works on its own if the broker delivers nothing', async () => {
      broker.isUp = false;
      await jest.advanceTimersByTimeAsync(3_900);
      expect(isIntroduced).toBe(false);
      await jest.advanceTimersByTimeAsync(200);
      expect([membership.isSettled, isIntroduced]).toEqual([false, true]);
    });
  });

  it('show for three seconds that the broker delivers', () => {
    expect(membership.isReachable).toBe(false);
    wait(1);
    expect(membership.isReachable).toBe(true);
    broker.isUp = false;
    wait(2.9);
    expect(membership.isReachable).toBe(true);
    wait(0.1);
    expect(membership.isReachable).toBe(false);
  });

  it('count from when they were sent, so that late ones are no sign of life', () => {
    wait(1);
    const early = broker.published.at(-1)!.message;
    broker.isUp = false;
    wait(10);
    broker.deliver('presence', early);
    expect(membership.isReachable).toBe(false);
    const late = broker.published.at(-1)!.message;
    broker.deliver('presence', late);
    expect(membership.isReachable).toBe(true);
    // Older ones that arrive later do not count.
    broker.deliver('presence', early);
    expect(membership.isReachable).toBe(true);
  });
});

it('is settled after two seconds and complete after ten, again after each outage', () => {
  for (let outage = 0; outage < 2; outage += 1) {
    broker.isUp = true;
    wait(1);
    expect([membership.isSettled, membership.isComplete]).toEqual([false, false]);
    wait(2);
    expect([membership.isSettled, membership.isComplete]).toEqual([true, false]);
    wait(7);
    expect(membership.isComplete).toBe(false);
    wait(1);
    expect(membership.isComplete).toBe(true);
    broker.isUp = false;
    wait(5);
    expect([membership.isSettled, membership.isComplete]).toEqual([false, false]);
  }
});

it('asks who is there until it is settled, and answers others who ask', () => {
  wait(20);
  expect(broker.published.filter(({ topic }) => topic === 'hello')).toHaveLength(2);
  const before = broker.published.length;
  broker.deliver('hello', {});
  expect(broker.published.slice(before)).toMatchObject([{ topic: 'presence', message: SELF }]);
});

describe('another replica', () => {
  it('is known from its first heartbeat, with its address', () => {
    heard('a', 1);
    expect(membership.find('a')).toMatchObject({ id: 'a', host: '10.0.0.2', port: 2 });
    expect(known()).toEqual(['a']);
  });

  it('has died if it is silent for more than five seconds', () => {
    wait(20);
    beats('a', 3, 1);
    wait(4);
    expect(gone).toEqual([]);
    wait(2);
    expect([gone, known()]).toEqual([[['a', true]], []]);
    wait(60);
    expect(gone).toHaveLength(1);
  });

  it('is not declared dead while nobody can be heard, nor shortly after', () => {
    wait(20);
    beats('a', 3, 1);
    broker.isUp = false;
    wait(600);
    broker.isUp = true;
    wait(5);
    expect([gone, known()]).toEqual([[], ['a']]);
    beats('a', 10, 1_000);
    expect(gone).toEqual([]);
    wait(10);
    expect(gone).toEqual([['a', true]]);
  });

  it('that leaves is gone at once, but has not died', () => {
    heard('a', 1);
    heard('a', 2, { leaving: true });
    expect([gone, known()]).toEqual([[['a', false]], []]);
  });

  it('is neither kept nor brought back by replayed heartbeats (security)', () => {
    wait(20);
    heard('a', 7);
    for (let second = 0; second < 10; second += 1) {
      heard('a', 7);
      heard('a', 3);
      wait(1);
    }
    expect([gone, known()]).toEqual([[['a', true]], []]);
    heard('a', 7);
    expect(known()).toEqual([]);
    // It was suspended, and continues.
    heard('a', 8);
    expect(known()).toEqual(['a']);
    heard('a', 9, { leaving: true });
    heard('a', 8);
    expect(known()).toEqual([]);
  });
});

describe('a replica that loses the broker alone', () => {
  const A = { id: 'a', host: '10.0.0.2', port: 2 };
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) await jest.advanceTimersByTimeAsync(1_000);
  };
  const said = (): unknown => broker.published.at(-1)!.message;

  it('stays known while it answers directly, and has died five seconds after its last answer', async () => {
    wait(20);
    heard('a', 1);
    answering.add('a');
    await pass(600);
    expect([gone, known(), membership.offBroker()]).toMatchObject([[], ['a'], [A]]);
    answering.clear();
    await pass(4);
    expect(gone).toEqual([]);
    await pass(3);
    expect([gone, known()]).toEqual([[['a', true]], []]);
  });

  it('is an ordinary one again when it is heard', async () => {
    wait(20);
    heard('a', 1);
    answering.add('a');
    await pass(10);
    heard('a', 2);
    expect([known(), membership.offBroker()]).toEqual([['a'], []]);
  });

  it('is known to those that do not reach it, as long as another one says that it does', async () => {
    wait(20);
    heard('a', 1);
    for (let second = 0; second < 60; second += 1) {
      heard('b', second + 1, { reached: [A] });
      await pass(1);
    }
    expect([gone, known().sort()]).toEqual([[], ['a', 'b']]);
    for (let second = 60; second < 67; second += 1) {
      heard('b', second + 1);
      await pass(1);
    }
    expect([gone, known()]).toEqual([[['a', true]], ['b']]);
  });

  it('is named to the others, but only if it is reached and no longer heard', async () => {
    wait(20);
    heard('a', 1);
    answering.add('a');
    expect(said()).not.toHaveProperty('reached');
    await pass(4);
    expect(said()).toMatchObject({ reached: [A] });
    answering.clear();
    await pass(3);
    expect(said()).not.toHaveProperty('reached');
  });

  it('becomes known to one that has started meanwhile, if it answers', async () => {
    wait(20);
    heard('b', 1, { reached: [A] });
    await pass(1);
    expect(known()).toEqual(['b']);
    answering.add('a');
    heard('b', 2, { reached: [A, SELF] });
    await pass(1);
    expect(known()).toEqual(['b', 'a']);
  });

  it('is not brought back by a late answer after it has left', async () => {
    wait(20);
    heard('slow', 1);
    await pass(3);
    heard('slow', 2, { leaving: true });
    deliver!();
    await pass(1);
    expect(known()).toEqual([]);
  });
});

it('announces that it leaves, after all of its heartbeats', async () => {
  wait(5);
  const counts = broker.published.map(({ message }) => message.count ?? 0);
  await membership.stop();
  const { message } = broker.published.at(-1)!;
  expect(message).toMatchObject({ ...SELF, leaving: true });
  expect(message.count).toBeGreaterThan(Math.max(...counts));
});

const HEARTBEAT = { id: 'a', host: 'h', port: 1, count: 1, sentAtMs: 0 };

it.each([
  [null],
  ['text'],
  [{}],
  [{ ...HEARTBEAT, port: '1' }],
  [{ ...HEARTBEAT, reached: 'b' }],
  [{ ...HEARTBEAT, reached: [{ id: 'b' }] }],
])('ignores %j', message => {
  broker.deliver('presence', message);
  expect(known()).toEqual([]);
});

describe('a replica that says that it has lost the broker', () => {
  beforeEach(() => {
    wait(3);
    heard('b', 1);
    beats('a', 3, 1);
    heard('b', 2);
  });
  const off = (): string[] => membership.offBroker().map(({ id }) => id);

  it('is off the broker until its next heartbeat, not until one that was on its way', () => {
    heard('a', 4);
    expect(off()).toEqual([]);
    membership.lostBroker('a', 6);
    expect(off()).toEqual(['a']);
    for (const count of [5, 6]) heard('a', count);
    expect(off()).toEqual(['a']);
    heard('a', 7);
    expect(off()).toEqual([]);
  });

  it('adds no replica that nobody has heard of', () => {
    membership.lostBroker('c', 6);
    expect([known(), off()]).toEqual([['b', 'a'], []]);
  });
});

/** The monotonic clock goes on, but no timer. */
function suspend(ms: number): void {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}

describe('a replica that others may take for dead', () => {
  afterEach(() => jest.restoreAllMocks());
  beforeEach(() => {
    wait(3);
    beats('a', 3, 1);
    answering.add('a');
  });

  it('is one that the broker does not reach, unless all others answer it', async () => {
    expect(membership.isCutOff).toBe(false);
    broker.isUp = false;
    await jest.advanceTimersByTimeAsync(10_000);
    expect([membership.isReachable, membership.isCutOff]).toEqual([false, false]);
    answering.delete('a');
    await jest.advanceTimersByTimeAsync(4_000);
    expect(membership.isCutOff).toBe(true);
    answering.add('a');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(membership.isCutOff).toBe(false);
  });

  it('is known to be one as soon as the broker is', async () => {
    answering.delete('a');
    broker.isUp = false;
    await jest.advanceTimersByTimeAsync(3_000);
    expect([membership.isReachable, membership.isCutOff]).toEqual([false, true]);
  });

  it('may be one if it has never heard of others', async () => {
    heard('a', 9, { leaving: true });
    broker.isUp = false;
    await jest.advanceTimersByTimeAsync(4_000);
    expect(membership.isCutOff).toBe(true);
  });

  it.each([
    ['was cut off', () => answering.delete('a')],
    ['was suspended', () => suspend(10_000)],
  ])('is told when it is back if it %s', async (what, happen) => {
    const back = jest.fn();
    membership.whenBack(back);
    broker.isUp = false;
    happen();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(back).not.toHaveBeenCalled();
    broker.isUp = true;
    await jest.advanceTimersByTimeAsync(3_000);
    expect([what, back.mock.calls]).toEqual([what, [[expect.any(Number)]]]);
    expect((back.mock.lastCall as number[])[0]).toBeGreaterThan(5_000);
  });

  it('is not told that it is back if only the broker was lost', async () => {
    const back = jest.fn();
    membership.whenBack(back);
    broker.isUp = false;
    await jest.advanceTimersByTimeAsync(10_000);
    broker.isUp = true;
    await jest.advanceTimersByTimeAsync(3_000);
    expect(membership.isReachable).toBe(true);
    expect(back).not.toHaveBeenCalled();
  });
});
