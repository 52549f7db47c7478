import type { EndpointEntry } from '../endpoint-client';
import { filterAndSort, type Order } from './endpoint-order';

const endpoint = (name: string, hostname: string, rest: Partial<EndpointEntry> = {}) =>
  ({
    id: name,
    name,
    hostname,
    port: 22,
    protocol: 'SSH',
    credentials: { username: 'pi' },
    ...rest,
  }) as EndpointEntry;

const ENDPOINTS = [
  endpoint('PLC 10', '10.0.0.10'),
  endpoint('plc 2', '10.0.0.9', { protocol: 'VNC', port: 5900 }),
  endpoint('Übergabe', '10.0.0.100', { protocol: 'TELNET' }),
];

const names = (search: string, order: Partial<Order> = {}) =>
  filterAndSort(ENDPOINTS, search, { key: 'name', descending: false, ...order }).map(
    one => one.name,
  );

describe('filterAndSort', () => {
  it('sorts names in natural order, ignoring case', () => {
    expect(names('')).toEqual(['plc 2', 'PLC 10', 'Übergabe']);
    expect(names('', { descending: true })).toEqual(['Übergabe', 'PLC 10', 'plc 2']);
  });

  it('sorts by protocol and by host', () => {
    expect(names('', { key: 'protocol' })).toEqual(['PLC 10', 'Übergabe', 'plc 2']);
    expect(names('', { key: 'host' })).toEqual(['plc 2', 'PLC 10', 'Übergabe']);
  });

  it('finds every word in name, protocol, address or user', () => {
    expect(names('PLC')).toHaveLength(2);
    expect(names('vnc plc')).toEqual(['plc 2']);
    expect(names('0.9:5900')).toEqual(['plc 2']);
    expect(names('PI')).toHaveLength(3);
    expect(names('über')).toEqual(['Übergabe']);
    expect(names('plc nothing')).toEqual([]);
  });

  it('treats the search as text, not as a pattern', () => {
    expect(names('.*')).toEqual([]);
  });

  it('does not change the given list', () => {
    filterAndSort(ENDPOINTS, '', { key: 'host', descending: true });
    expect(ENDPOINTS[0]?.name).toBe('PLC 10');
  });
});
