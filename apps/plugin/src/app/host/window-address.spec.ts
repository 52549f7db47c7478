import { windowAddress, shellAddress } from './window-address';

const ENDPOINT = { id: '4 2', protocol: 'VNC' } as const;

describe('the address of a window for a session', () => {
  it('is in the folder of the plugin, and names the application that it leads back to', () => {
    const address = windowAddress(
      '1001',
      ENDPOINT,
      '/apps/my-cockpit@1.2/index.html',
      '/apps/remote-access-plugin@0.2.0/',
    );
    const [page, route] = address.split('#');
    expect(page).toBe('/apps/remote-access-plugin@0.2.0/session/index.html');
    expect(route).toBe('/device/1001/remote-access/4%202?window=own&app=my-cockpit&protocol=VNC');
  });

  it('names Device Management if the page is not served as an application', () => {
    expect(windowAddress('1001', ENDPOINT, '/', '/')).toContain('app=devicemanagement');
  });
});

const PATH = '/device/1001/remote-access';

describe('the way back to the product', () => {
  it('leads to the application that opened the window', () => {
    expect(shellAddress('my-cockpit', PATH)).toBe(`/apps/my-cockpit/index.html#${PATH}`);
  });

  it.each([null, '', '..', '//evil.example', 'a/../../b', 'https://evil.example', 'a%2f..'])(
    'leads to Device Management if the address contains %j (security)',
    context => {
      expect(shellAddress(context, PATH)).toBe(`/apps/devicemanagement/index.html#${PATH}`);
    },
  );
});
