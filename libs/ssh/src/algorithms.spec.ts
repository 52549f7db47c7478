import { CHACHA20, hostKeyAlgorithms, unmatchedAlgorithms } from './algorithms';

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

describe('what keeps us from a server', () => {
  const COMMON = {
    kex: ['curve25519-sha256'],
    hostKey: ['ssh-ed25519'],
    cipher: ['aes256-ctr'],
    mac: ['hmac-sha2-256'],
  };
  const MARKERS = ['ext-info-s', 'kex-strict-s-v00@openssh.com'];
  const SNTRUP = ['sntrup761x25519-sha512', 'sntrup761x25519-sha512@openssh.com'];
  const MLKEM = ['mlkem768x25519-sha256', 'mlkem1024nistp384-sha384'];
  const UMAC_ETM = ['umac-64-etm@openssh.com', 'umac-128-etm@openssh.com'];

  it.each<[string, Partial<typeof COMMON>, string[], boolean]>([
    ['sntrup only', { kex: SNTRUP }, [`key exchange ${SNTRUP.join(', ')}`], false],
    ['mlkem only', { kex: MLKEM }, [`key exchange ${MLKEM.join(', ')}`], false],
    ['umac-etm only', { mac: UMAC_ETM }, [`MAC ${UMAC_ETM.join(', ')}`], false],
    [
      'umac-etm only, and an old key exchange',
      { mac: UMAC_ETM, kex: ['diffie-hellman-group1-sha1'] },
      ['key exchange diffie-hellman-group1-sha1', `MAC ${UMAC_ETM.join(', ')}`],
      false,
    ],
    [
      'sntrup and an old key exchange',
      { kex: [...SNTRUP, 'diffie-hellman-group14-sha1'] },
      [`key exchange ${SNTRUP.join(', ')}, diffie-hellman-group14-sha1`],
      true,
    ],
    ['an old MAC only', { mac: ['hmac-sha1'] }, ['MAC hmac-sha1'], true],
    ['an old cipher only', { cipher: ['3des-cbc'] }, ['cipher 3des-cbc'], true],
    ['an old host key only', { hostKey: ['ssh-rsa'] }, ['host key ssh-rsa'], true],
    [
      'an old key exchange only, with markers',
      { kex: ['diffie-hellman-group14-sha1', ...MARKERS] },
      ['key exchange diffie-hellman-group14-sha1'],
      true,
    ],
    [
      'sntrup only, with markers first',
      { kex: [...MARKERS, ...SNTRUP] },
      [`key exchange ${SNTRUP.join(', ')}`],
      false,
    ],
  ])('%s', (_what, offer, offers, areOld) => {
    expect(unmatchedAlgorithms({ ...COMMON, ...offer }, [], false)).toEqual({ offers, areOld });
  });

  it.each<[string, Partial<typeof COMMON>]>([
    ['chacha20, which needs no MAC', { cipher: [CHACHA20], mac: UMAC_ETM }],
    ['an AES-GCM, which needs no MAC', { cipher: ['aes128-gcm@openssh.com'], mac: UMAC_ETM }],
    ['umac-etm beside a MAC of ours', { mac: [...UMAC_ETM, 'hmac-sha2-512'] }],
    ['sntrup and mlkem beside curve25519', { kex: [...SNTRUP, ...MLKEM, ...COMMON.kex] }],
    ['markers', { kex: [...MARKERS, ...COMMON.kex] }],
  ])('is not %s', (_what, offer) => {
    for (const isLegacy of [false, true]) {
      expect(unmatchedAlgorithms({ ...COMMON, ...offer }, [], isLegacy)).toBeUndefined();
    }
  });

  it('is never called old once weak algorithms are allowed', () => {
    expect(unmatchedAlgorithms({ ...COMMON, cipher: ['rc4'] }, [], true)).toEqual({
      offers: ['cipher rc4'],
      areOld: false,
    });
  });
});
