import { isRefusal } from '@remote-access/contracts';
import type { Membership } from './membership';
import type { PeerLinks } from './peer-links';
import { ReplicaCluster } from './replica-cluster';

let members: string[];
let isComplete: boolean;
let asked: string[];
/** What happens when a replica is asked; rejects if it does not answer. */
let answerOf: (replica: string) => Promise<unknown>;
let cluster: ReplicaCluster;

beforeEach(() => {
  [members, isComplete, asked] = [['a', 'b'], true, []];
  answerOf = replica => Promise.resolve([replica]);
  const membership = {
    get isComplete() {
      return isComplete;
    },
    list: () => members.map(id => ({ id })),
  } as unknown as Membership;
  const links = {
    ask: (replica: string) => {
      asked.push(replica);
      return answerOf(replica);
    },
  } as unknown as PeerLinks;
  // Without the broker and the server that `start` adds.
  const parts = ['self', undefined, undefined, membership, links, undefined];
  cluster = Reflect.construct(ReplicaCluster, parts) as ReplicaCluster;
});

const silent = (): Promise<never> => Promise.reject(new Error('no answer'));

/** @returns the answers, or the code of the refusal */
async function ofEvery(): Promise<unknown> {
  const answers = await cluster.askEvery('serving', { ids: [] });
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
  expect(await cluster.askAll('serving', { ids: [] })).toEqual([['b']]);
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
