import { addressText } from './endpoint';

describe('the text of an address', () => {
  it('puts brackets around an IPv6 address', () => {
    expect(addressText({ hostname: 'fe80::1', port: 22 })).toBe('[fe80::1]:22');
    expect(addressText({ hostname: 'fe80::1%eth0', port: 22 })).toBe('[fe80::1%eth0]:22');
  });

  it('omits the port that a damaged entry lacks', () => {
    expect(addressText({ hostname: '10.0.0.1', port: 0 })).toBe('10.0.0.1');
    expect(addressText({ hostname: '', port: 0 })).toBe('');
  });
});
