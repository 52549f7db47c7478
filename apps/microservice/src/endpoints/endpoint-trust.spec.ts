import type { Endpoint } from '@remote-access/contracts';
import { ed25519KeyPair } from '@remote-access/testkit';
import { trustSentence, weakeningsOf, passwordReentryReason } from './endpoint-trust';

const [ONE, TWO, THREE] = [0, 1, 2].map(() =>
  ed25519KeyPair().public.split(' ').slice(0, 2).join(' '),
) as [string, string, string];

function endpoint(hostKey: string | null, rest: Partial<Endpoint> = {}): Endpoint {
  return {
    id: '1',
    name: 'Shell',
    hostname: '10.0.0.5',
    port: 22,
    protocol: 'SSH',
    credentials: {
      type: 'USER_PASS',
      username: 'root',
      password: '{cipher}x',
      privateKey: null,
      publicKey: null,
      certificate: null,
      hostKey,
    },
    ...rest,
  };
}

const REVOKED = `@revoked ${TWO}`;

const lines = (...keys: string[]): string => keys.join('\n');

describe('a change weakens an endpoint', () => {
  it.each<[string, string | null, string | null]>([
    ['the host key is removed', ONE, null],
    ['the host key is replaced', ONE, TWO],
    ['the host key is replaced', ONE, lines(ONE, TWO)],
    ['the host key is replaced', lines(ONE, TWO), lines(ONE, THREE)],
    ['the host key is replaced', 'unreadable', ONE],
    ['the host key is replaced', ONE, 'unreadable'],
    ['a host key is no longer marked as revoked', REVOKED, null],
    ['a host key is no longer marked as revoked', lines(ONE, REVOKED), ONE],
  ])('if %s', (text, before, after) => {
    expect(weakeningsOf(endpoint(before), endpoint(after))).toEqual([text]);
  });

  it.each<[string, string | null, string | null]>([
    ['a first host key is pinned', null, ONE],
    ['the host keys stay', lines(ONE, TWO), lines(ONE, TWO)],
    ['their order and comments change', lines(ONE, TWO), lines(`${TWO} server`, ONE)],
    ['fewer host keys remain', lines(ONE, TWO), TWO],
    ['an unreadable host key stays', 'unreadable', 'unreadable'],
    ['another key is marked as revoked', ONE, lines(ONE, REVOKED)],
    ['a revoked key stays revoked', lines(REVOKED, ONE), lines(ONE, REVOKED)],
  ])('but not if %s', (_what, before, after) => {
    expect(weakeningsOf(endpoint(before), endpoint(after))).toEqual([]);
    expect(passwordReentryReason(endpoint(before), endpoint(after))).toBeUndefined();
  });

  it.each<[string, Partial<Endpoint>, Partial<Endpoint>]>([
    ['weak algorithms are allowed', {}, { legacyAlgorithms: true }],
    ['weak algorithms are allowed', { legacyAlgorithms: false }, { legacyAlgorithms: true }],
    ['unencrypted sign-in is allowed', {}, { allowUnencryptedSignIn: true }],
    ['view only is switched off', { viewOnly: true }, {}],
    ['view only is switched off', { viewOnly: true }, { viewOnly: false }],
    ['the command is changed', { command: 'menu' }, {}],
  ])('if %s: %j, %j', (text, before, after) => {
    expect(weakeningsOf(endpoint(ONE, before), endpoint(ONE, after))).toEqual([text]);
    expect(weakeningsOf(endpoint(ONE, after), endpoint(ONE, before))).toEqual([]);
  });
});

describe('the audit log', () => {
  it('says where an endpoint leads and whom it trusts', () => {
    expect(trustSentence(endpoint(lines(ONE, TWO), { legacyAlgorithms: true }))).toMatch(
      /^Endpoint "Shell" \(SSH 10\.0\.0\.5:22, USER_PASS, user root, host key ED25519 SHA256:\S+, ED25519 SHA256:\S+, weak algorithms allowed\)$/,
    );
    expect(trustSentence(endpoint(null))).toMatch(/, no host key\)$/);
    const local = { hostname: 'fe80::1%eth0' };
    expect(trustSentence(endpoint(null, local))).toContain('(SSH [fe80::1%eth0]:22, ');
    expect(trustSentence(endpoint('unreadable'))).toMatch(/, unreadable host key\)$/);
    expect(trustSentence(endpoint(null, { hostname: 'a\n\u202eb' }))).not.toMatch(/[\n\u202e]/);
  });
});
