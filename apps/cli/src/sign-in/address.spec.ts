import { readAddress, readUser } from './address';

describe('the address of a tenant', () => {
  it.each([
    ['https://tenant.example.com/apps/cockpit', 'https://tenant.example.com'],
    ['tenant.example.com', 'https://tenant.example.com'],
    [' https://tenant.example.com:8443/ ', 'https://tenant.example.com:8443'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://localhost', 'http://localhost'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is %s', (text, origin) => {
    expect(readAddress(text)).toBe(origin);
  });

  it.each([
    'http://tenant.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'ftp://tenant.example.com',
    'https://user:password@tenant.example.com',
    'https://',
    '',
  ])('%s is refused', text => {
    expect(() => readAddress(text)).toThrow('address');
  });
});

describe('a user', () => {
  it.each([
    ['t1001/operator', { tenant: 't1001', user: 'operator' }],
    ['operator@example.com', { user: 'operator@example.com' }],
  ])('%s', (text, user) => {
    expect(readUser(text)).toEqual(user);
  });

  it.each(['', 'a:b', '/'])('"%s" is refused', text => {
    expect(() => readUser(text)).toThrow('user name');
  });
});
