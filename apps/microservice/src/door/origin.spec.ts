import type { IncomingMessage } from 'node:http';
import { readSettings } from '../settings/settings';
import { originOf, publicOrigin } from './origin';

const GIVEN_BY_THE_PLATFORM = {
  C8Y_BASEURL: 'http://c8y',
  C8Y_BOOTSTRAP_TENANT: 't',
  C8Y_BOOTSTRAP_USER: 'u',
  C8Y_BOOTSTRAP_PASSWORD: 'p',
};
const TRUSTED_PROXIES = '10.0.0.0/8, fd00::/8';
const settings = readSettings({ ...GIVEN_BY_THE_PLATFORM, TRUSTED_PROXIES });

function requestFrom(remoteAddress: string, headers: IncomingMessage['headers']): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

function originFrom(remoteAddress: string, headers: IncomingMessage['headers']): string {
  return publicOrigin(requestFrom(remoteAddress, headers), settings);
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

  it('is "null", which matches no page, without a usable host', () => {
    expect(originFrom('10.1.2.3', { host: 'a b' })).toBe('null');
    expect(originFrom('10.1.2.3', {})).toBe('null');
  });
});

describe('a hosted service', () => {
  const hosted = readSettings(GIVEN_BY_THE_PLATFORM);
  const headers = {
    host: 'cloud-remote-access-scope-management:80',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'Tenant.Example.com:443',
  };
  const pageAt = (origin: string, peer = '10.1.2.3') =>
    originOf(requestFrom(peer, { ...headers, origin }), hosted);

  it.each([
    'https://tenant.example.com',
    'http://tenant.example.com',
    'https://tenant.example.com:8443',
  ])('serves the page %s of the forwarded host', origin => {
    expect(pageAt(origin)).toBe('https://tenant.example.com');
  });

  it.each(['::ffff:172.20.0.9', '192.168.7.1', '100.64.3.4', '127.0.0.1', 'fd00::1', '::1'])(
    'trusts the ingress at %s',
    peer => {
      expect(pageAt('https://tenant.example.com', peer)).toBe('https://tenant.example.com');
    },
  );

  it.each(['203.0.113.9', '172.32.0.1', '2001:db8::1'])('does not trust %s', peer => {
    expect(pageAt('https://tenant.example.com', peer)).toMatchObject({ code: 'foreign-origin' });
  });

  it.each([
    'https://evil.example',
    'https://tenant.example.com.evil.example',
    'https://eviltenant.example.com',
    'https://a.tenant.example.com',
    'https://tenant.example.com.',
    'https://TENANT.example.com',
    'https://tenant.example.com/',
    'https://tenant.example.com@evil.example',
    'https://evil.example@tenant.example.com',
    'https://tenant.example.com, https://evil.example',
    'chrome-extension://tenant.example.com',
    'ftp://tenant.example.com',
    '//tenant.example.com',
    'null',
    '',
  ])('refuses the page %j', origin => {
    expect(pageAt(origin)).toMatchObject({ code: 'foreign-origin' });
  });

  it('gives a ticket and its WebSocket the same origin', () => {
    expect(publicOrigin(requestFrom('10.1.2.3', headers), hosted)).toBe(
      pageAt('https://tenant.example.com'),
    );
  });
});
