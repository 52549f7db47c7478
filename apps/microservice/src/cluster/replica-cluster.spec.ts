import { isRefusal } from '@remote-access/contracts';
import { type Broker, NOBODY, UNANSWERED } from './broker';
import type { ClusterKeys } from './cluster-keys';
import type { Membership } from './membership';
import type { PeerLinks } from './peer-links';
import { ReplicaCluster } from './replica-cluster';

let members: string[];
/** Those of them that the broker does not reach. */
let offBroker: string[];
let isComplete: boolean;
let isSettled: boolean;
/** What the broker answers to a request. */
let answerOfBroker: unknown;
let asked: string[];
/** Reports a replica that is gone. */
let gone: (id: string, hasDied: boolean) => void;
/** What happens when a replica is asked; rejects if it does not answer. */
let answerOf: (replica: string) => Promise<unknown>;
let cluster: ReplicaCluster;

beforeEach(() => {
  [members, isComplete, asked, offBroker] = [['a', 'b'], true, [], []];
  [isSettled, answerOfBroker] = [true, NOBODY];
  answerOf = replica => Promise.resolve([replica]);
  const membership = {
    get isComplete() {
      return isComplete;
    },
    get isSettled() {
      return isSettled;
    },
    list: () => members.map(id => ({ id })),
    whenGone: (listener: typeof gone) => {
      gone = listener;
      return () => undefined;
    },
    offBroker: () => offBroker.map(id => ({ id })),
  } as unknown as Membership;
  const keys = { nameOf: (secret: string) => secret } as unknown as ClusterKeys;
  const broker = { request: () => Promise.resolve(answerOfBroker) } as unknown as Broker;
  const links = {
    ask: (replica: string) => {
      asked.push(replica);
      return answerOf(replica);
    },
  } as unknown as PeerLinks;
  // Without the server that `start` adds.
  const parts = ['self', keys, broker, membership, links, undefined];
  cluster = Reflect.construct(ReplicaCluster, parts) as ReplicaCluster;
});

const silent = (): Promise<never> => Promise.reject(new Error('no answer'));

/** @returns the answers, or the code of the refusal */
async function ofEvery(): Promise<unknown> {
  const answers = await cluster.askEvery('serving', { tenant: 't1', ids: [] });
  return isRefusal(answers) ? answers.code : answers;
}

it('has the answers of all other replicas', async () => {
  expect(await ofEvery()).toEqual([['a'], ['b']]);
  members = [];
  expect(await ofEvery()).toEqual([]);
});

it('asks nobody while there may be replicas that it does not know', async () => {
  isComplete = false;
  expect(await ofEvery()).toBe('cluster-unavailable');
  expect(asked).toEqual([]);
});

it('has no answer if one replica does not answer, unlike a question to those that do', async () => {
  answerOf = replica => (replica === 'a' ? silent() : Promise.resolve([replica]));
  expect(await ofEvery()).toBe('cluster-unavailable');
  expect(await cluster.askAll('serving', { tenant: 't1', ids: [] })).toEqual([['b']]);
});

it('does without the answer of a replica that is gone in the meantime', async () => {
  answerOf = replica => {
    if (replica === 'b') return Promise.resolve([replica]);
    members = ['b'];
    return silent();
  };
  expect(await ofEvery()).toEqual([['b']]);
});

it.each<[string, () => void]>([
  ['a replica appears', () => (members = ['a', 'b', 'c'])],
  ['the broker is lost', () => (isComplete = false)],
])('has no answer if meanwhile %s', async (_what, happen) => {
  answerOf = replica => {
    happen();
    return Promise.resolve([replica]);
  };
  expect(await ofEvery()).toBe('cluster-unavailable');
});

it('reports each replica that has died, whichever others remain, and none that has left', () => {
  const died: string[] = [];
  cluster.onReplicaDied(id => died.push(id));
  members = ['a', 'z'];
  gone('m', true);
  gone('n', false);
  expect(died).toEqual(['m']);
});

describe('something that nobody holds as far as the broker knows', () => {
  const located = async (): Promise<unknown> => {
    const found = await cluster.locate('key', 'secret');
    return isRefusal(found) ? found.code : found;
  };

  it('is not there, and no replica is asked that the broker reaches', async () => {
    expect(await located()).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is found at a replica that the broker does not reach', async () => {
    offBroker = ['a', 'b'];
    answerOf = replica => Promise.resolve(replica === 'b');
    expect(await located()).toBe('b');
    answerOf = () => Promise.resolve(false);
    expect(await located()).toBeUndefined();
  });

  it('is asked for everywhere while others may not have reached the broker again', async () => {
    isSettled = false;
    answerOf = replica => Promise.resolve(replica === 'b');
    expect(await located()).toBe('b');
    answerOf = () => Promise.resolve(false);
    expect(await located()).toBe('cluster-unavailable');
  });

  it('may be at a replica that does not answer', async () => {
    offBroker = ['a'];
    answerOf = silent;
    expect(await located()).toBe('cluster-unavailable');
  });
});

describe('a request that only a stranger receives from the broker', () => {
  const located = async (): Promise<unknown> => {
    const found = await cluster.locate('key', 'secret');
    return isRefusal(found) ? found.code : found;
  };
  beforeEach(() => (answerOfBroker = UNANSWERED));

  it('is answered by the replicas themselves', async () => {
    answerOf = replica => Promise.resolve(replica === 'b');
    expect(await located()).toBe('b');
    answerOf = () => Promise.resolve(false);
    expect(await located()).toBeUndefined();
    expect(asked).toEqual(['a', 'b', 'a', 'b']);
  });

  it('has no answer while a replica is silent, or may be unknown', async () => {
    answerOf = replica => (replica === 'a' ? silent() : Promise.resolve(false));
    expect(await located()).toBe('cluster-unavailable');
    answerOf = () => Promise.resolve(false);
    isSettled = false;
    expect(await located()).toBe('cluster-unavailable');
  });
});
