import type { IncomingMessage } from 'node:http';
import { readSettings } from '../settings/settings';
import { publicOrigin } from './origin';

const settings = readSettings({
  C8Y_BASEURL: 'http://c8y',
  C8Y_BOOTSTRAP_TENANT: 't',
  C8Y_BOOTSTRAP_USER: 'u',
  C8Y_BOOTSTRAP_PASSWORD: 'p',
  TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8',
});

function originFrom(remoteAddress: string, headers: IncomingMessage['headers']): string {
  const request = { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
  return publicOrigin(request, settings);
}

const forwarded = {
  host: 'remoteaccess:80',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'Tenant.Example.com:443',
};

describe('the public origin', () => {
  it.each(['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1'])(
    'is the one that the trusted proxy %s forwards',
    address => {
      expect(originFrom(address, forwarded)).toBe('https://tenant.example.com');
    },
  );

  it.each(['192.168.0.1', '::ffff:11.0.0.1', '::1', ''])(
    'is the Host header for the untrusted address %j',
    address => {
      expect(originFrom(address, forwarded)).toBe('http://remoteaccess');
    },
  );

  it('is the value of the nearest proxy if there are several', () => {
    const headers = { ...forwarded, 'x-forwarded-host': 'evil.example, tenant.example.com' };
    expect(originFrom('10.1.2.3', headers)).toBe('https://tenant.example.com');
  });

  it('is "null", which equals no page, without a usable host', () => {
    expect(originFrom('10.1.2.3', { host: 'a b' })).toBe('null');
    expect(originFrom('10.1.2.3', {})).toBe('null');
  });
});
