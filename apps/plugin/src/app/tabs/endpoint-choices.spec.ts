import type { EndpointEntry } from '../endpoints/endpoint-client';
import type { KnownEndpoint } from '../favourites/known-endpoints';
import { gatewayChoices, otherChoices } from './endpoint-choices';

const HERE = { deviceId: '1001', deviceName: 'Factory' };
const entry = (id: string, name: string, change: object = {}) =>
  ({ id, name, protocol: 'SSH', ...change }) as EndpointEntry;
const known = (deviceId: string, endpointId: string, change: object = {}): KnownEndpoint => ({
  ...{ deviceId, deviceName: 'G', endpointId, endpointName: 'E', protocol: 'SSH' },
  ...change,
});

describe('endpoints to choose from', () => {
  it('are those of the gateway to which a page can connect, by name', () => {
    const entries = [
      entry('1', 'Robot'),
      entry('2', 'Panel', { protocol: 'VNC' }),
      entry('3', 'Web', { protocol: 'PASSTHROUGH' }),
      entry('4', 'Broken', { damaged: ['port'] }),
      entry('5', 'Moved', { changed: {} }),
    ];
    expect(gatewayChoices(entries, HERE)).toEqual([
      { ...HERE, endpointId: '2', endpointName: 'Panel', protocol: 'VNC' },
      { ...HERE, endpointId: '1', endpointName: 'Robot', protocol: 'SSH' },
    ]);
  });

  it('are favourites and recently used ones of other gateways, each once', () => {
    const [a, b, c] = [known('1002', '1'), known('1002', '2'), known('1001', '1')];
    const web = known('1002', '3', { protocol: 'PASSTHROUGH' });
    expect(otherChoices([a, c], [b, a, web], '1001')).toEqual([a, b]);
  });
});
