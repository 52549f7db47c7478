import { shellAddress } from './shell-address';

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
