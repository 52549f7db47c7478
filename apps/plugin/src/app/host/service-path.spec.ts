import { ServicePath } from './service-path';

const SETTINGS = '/service/remoteaccess/settings';

describe('the path of the service', () => {
  it('is the one in the configuration next to the plugin, which is read once', async () => {
    const read = jest.fn().mockResolvedValue({ contextPath: 'remoteaccess2' });
    const path = new ServicePath('/apps/remote-access-plugin@0.2.0/', read);
    await path.ready();
    await path.ready();
    expect(read.mock.calls).toEqual([['/apps/remote-access-plugin@0.2.0/remote-access.json']]);
    expect(path.in(SETTINGS)).toBe('/service/remoteaccess2/settings');
    expect(path.in('/inventory/managedObjects')).toBe('/inventory/managedObjects');
  });

  it.each([
    ['names no path', { contextPath: '../inventory' }],
    ['is of another kind', null],
    ['is empty', {}],
  ])('is the default if the configuration %s', async (_what, configuration) => {
    const path = new ServicePath('/', () => Promise.resolve(configuration));
    await path.ready();
    expect(path.in(SETTINGS)).toBe(SETTINGS);
  });

  it('is the default if there is no configuration', async () => {
    const path = new ServicePath('/', () => Promise.reject(new Error('404')));
    await path.ready();
    expect(path.in(SETTINGS)).toBe(SETTINGS);
  });
});
