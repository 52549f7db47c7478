import { hostKeyAlgorithms } from './algorithms';

it('offers the type of a pinned key first, with every signature algorithm that it supports', () => {
  const first = (type: string, legacy = false): string[] =>
    hostKeyAlgorithms([type], legacy).slice(0, 3);
  expect(first('ssh-rsa')).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
  expect(first('ssh-rsa', true)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']);
  expect(first('ecdsa-sha2-nistp256')[0]).toBe('ecdsa-sha2-nistp256');
  expect(first('ssh-dss', true)[0]).toBe('ssh-dss');
});

it.each([[[]], [['ssh-dss']], [['ssh-rsa']]])(
  'offers SHA-1 and DSA only if weak algorithms are allowed, with %j pinned',
  pinned => {
    const offer = hostKeyAlgorithms(pinned, false);
    expect(offer).not.toContain('ssh-rsa');
    expect(offer).not.toContain('ssh-dss');
    expect(new Set(offer).size).toBe(offer.length);
    expect(hostKeyAlgorithms(pinned, true)).toEqual(
      expect.arrayContaining(['ssh-rsa', 'ssh-dss', ...offer]),
    );
  },
);
