import { KnownEndpoints, type KnownEndpoint, matching } from './known-endpoints';

const endpoint = (endpointId: string, change: Partial<KnownEndpoint> = {}): KnownEndpoint => ({
  deviceId: '1001',
  deviceName: 'Press 7',
  endpointId,
  endpointName: `Shell ${endpointId}`,
  protocol: 'SSH',
  ...change,
});

function store(initial: Readonly<Record<string, string>> = {}) {
  const kept = new Map(Object.entries(initial));
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

const ids = (endpoints: readonly KnownEndpoint[]): string =>
  endpoints.map(({ deviceId, endpointId }) => `${deviceId}/${endpointId}`).join(' ');

describe('KnownEndpoints', () => {
  it('adds favourites and removes them again', () => {
    const kept = store();
    const known = new KnownEndpoints(kept, 'ana');
    known.toggleFavourite(endpoint('1'));
    known.toggleFavourite(endpoint('1', { deviceId: '1002' }));
    expect(ids(new KnownEndpoints(kept, 'ana').favourites)).toBe('1001/1 1002/1');
    known.toggleFavourite(endpoint('1', { endpointName: 'Renamed' }));
    expect(ids(known.favourites)).toBe('1002/1');
  });

  it('has the last ten that were used, each once, most recent first', () => {
    const known = new KnownEndpoints(store(), 'ana');
    for (let id = 1; id <= 12; id += 1) known.used(endpoint(String(id)));
    known.used(endpoint('5'));
    const used = ['5', '12', '11', '10', '9', '8', '7', '6', '4', '3'];
    expect(known.recent.map(({ endpointId }) => endpointId)).toEqual(used);
  });

  it('learns the new name of a favourite when it is used', () => {
    const known = new KnownEndpoints(store(), 'ana');
    known.toggleFavourite(endpoint('1'));
    known.used(endpoint('1', { endpointName: 'Renamed' }));
    expect(known.favourites[0]!.endpointName).toBe('Renamed');
  });

  it('forgets an endpoint, and belongs to one user', () => {
    const kept = store();
    const known = new KnownEndpoints(kept, 'ana');
    known.toggleFavourite(endpoint('1'));
    known.used(endpoint('1'));
    expect(new KnownEndpoints(kept, 'ben').recent).toEqual([]);
    known.forget(endpoint('1'));
    expect([known.recent, known.favourites]).toEqual([[], []]);
  });

  it.each(['null', '7', '{"favourites":7,"recent":[1,null,{"deviceId":1}]}', '{'])(
    'is empty if %j is stored',
    text => {
      const known = new KnownEndpoints(store({ 'remote-access.endpoints.ana': text }), 'ana');
      expect([known.recent, known.favourites]).toEqual([[], []]);
    },
  );

  it('is searched by gateway, endpoint and protocol', () => {
    const all = [endpoint('1'), endpoint('2', { deviceName: 'Oven', protocol: 'VNC' })];
    expect(ids(matching(all, 'shell press'))).toBe('1001/1');
    expect(ids(matching(all, 'vnc OVEN'))).toBe('1001/2');
    expect(ids(matching(all, ' '))).toBe('1001/1 1001/2');
    expect(matching(all, 'nothing')).toEqual([]);
  });
});
