import { addressLabel } from './endpoint-labels';

describe('addressLabel', () => {
  it('puts brackets around an IPv6 address', () => {
    expect(addressLabel({ hostname: 'fe80::1', port: 22 })).toBe('[fe80::1]:22');
  });

  it('omits the port that a damaged entry lacks', () => {
    expect(addressLabel({ hostname: '10.0.0.1', port: 0 })).toBe('10.0.0.1');
    expect(addressLabel({ hostname: '', port: 0 })).toBe('');
  });
});
