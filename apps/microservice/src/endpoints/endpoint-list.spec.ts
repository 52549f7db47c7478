import { EndpointList } from './endpoint-list';

/** A reproducible pseudo-random sequence. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const NO_METHODS = { toString: null, valueOf: null };
const LEAVES = [
  ...[null, true, 0, -1, 1.5, 22, '', 'x', '1', '2', '../..', '{cipher}x', 'SSH', 'NONE'],
  NO_METHODS,
];
const NAMES = [
  'id',
  'name',
  'hostname',
  'port',
  'protocol',
  'credentials',
  'type',
  'password',
  '__proto__',
];

function anything(random: () => number, depth = 3): unknown {
  const pick = <Item>(items: readonly Item[]): Item =>
    items[Math.floor(random() * items.length)] as Item;
  const kind = depth === 0 ? 0 : random();
  if (kind < 0.4) return pick(LEAVES);
  const count = Math.floor(random() * 6);
  const values = Array.from({ length: count }, () => anything(random, depth - 1));
  if (kind < 0.55) return values;
  return Object.fromEntries(values.map(value => [pick(NAMES), value]));
}

describe('a list of endpoints', () => {
  it('can be read from any stored value, with a unique id for each entry', () => {
    const random = seeded(7);
    const wrong: unknown[] = [];
    for (let round = 0; round < 2_000; round += 1) {
      const stored = anything(random);
      const list = EndpointList.of({ id: '1', c8y_RemoteAccessList: stored });
      const ids = list.entries.map(({ id }) => id);
      const isRight =
        new Set(ids).size === ids.length &&
        ids.every(id => /^[\w-]{1,64}$/.test(id)) &&
        !ids.includes(list.nextId()) &&
        list.entries.every(({ endpoint, damage }) => damage.length > 0 || endpoint.port > 0);
      if (!isRight) wrong.push(stored);
    }
    expect(wrong).toEqual([]);
  });

  it('writes unchanged entries back as they were, and keeps the last id', () => {
    const stored = [{ id: '3', odd: [1] }, 'text', null];
    const list = EndpointList.of({ id: '1', c8y_RemoteAccessList: stored });
    expect(list.fragments()).toEqual({
      c8y_RemoteAccessList: stored,
      c8y_RemoteAccessListLastId: 3,
    });
    expect(list.without('3').fragments()).toEqual({
      c8y_RemoteAccessList: ['text', null],
      c8y_RemoteAccessListLastId: 3,
    });
  });

  it.each([
    [undefined, '1'],
    [41, '42'],
    ['41', '42'],
    ['nonsense', '1'],
    [-5, '1'],
    [1e300, '1'],
    [NO_METHODS, '1'],
  ])('continues after the last id %j with %s', (last, next) => {
    expect(EndpointList.of({ id: '1', c8y_RemoteAccessListLastId: last }).nextId()).toBe(next);
  });
});
