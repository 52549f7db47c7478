import { generateKeyPairSync } from 'node:crypto';
import { isRefusal, type KeyInspection, type RemoteAccessError } from '@remote-access/contracts';
import { KeyDeriver } from './derivation/derive-key';
import { KeyInspector, type GivenKeys } from './key-inspector';
import { KeyReader } from './key-reader';
import { PinnedHostKeys } from './keys/host-key';
import {
  CERTIFIED,
  DSA,
  HOST_CERTIFICATE,
  PROTECTED_CONTAINER,
  PROTECTED_PBKDF2,
  PROTECTED_SCRYPT,
  PROTECTED_SEC1,
  PUTTY_2,
  PUTTY_3,
} from './key-vectors.fixture';

const UNKNOWN_PAIR =
  'Could not save object remoteAccessUpdate: Could not recognize key-pair format';
const UNKNOWN_HOST =
  'Could not save object remoteAccessUpdate: Could not recognize host-key format';

const deriver = new KeyDeriver();
const derived = new Map<string, Promise<Buffer>>();

/** Each derivation is done once: they take most of the time, and most tests share theirs. */
const inspector = new KeyInspector(
  new KeyReader((derivation, passphrase) => {
    const id = JSON.stringify([derivation, passphrase]);
    const key = derived.get(id) ?? deriver.derive(derivation, passphrase);
    derived.set(id, key);
    return key;
  }),
);

async function inspect(given: GivenKeys, hostname?: string): Promise<KeyInspection> {
  const answer = await inspector.inspect(given, hostname ? { hostname, port: 22 } : undefined);
  if (isRefusal(answer)) throw answer;
  return answer;
}

async function refusal(given: GivenKeys, hostname?: string): Promise<RemoteAccessError> {
  const answer = await inspector.inspect(given, hostname ? { hostname, port: 22 } : undefined);
  if (!isRefusal(answer)) throw new Error('The key was accepted');
  return answer;
}

describe.each([
  ['OpenSSH container', PROTECTED_CONTAINER, 'protected key'],
  ['PuTTY file of version 2', PUTTY_2, 'putty 2'],
  ['PuTTY file of version 3', PUTTY_3, 'putty 3'],
  ['SEC1 file', PROTECTED_SEC1, ''],
])('a protected %s', (_name, { privateKey, publicKey }, comment) => {
  const passphrase = 'secret';
  const [type, base64] = publicKey.split(' ');

  it('is decrypted with its passphrase and has the public key that its tool wrote', async () => {
    const { keyPair, normal } = await inspect({ privateKey, passphrase });
    expect(keyPair).toMatchObject({ type, comment, encrypted: true, hasPrivateKey: true });
    expect(normal.publicKey).toBe([type, base64, comment].filter(Boolean).join(' '));
  });

  it('is the same key without protection in its stored form', async () => {
    const { normal } = await inspect({ privateKey, passphrase });
    expect(normal.privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    const again = await inspect({ privateKey: normal.privateKey });
    expect(again.keyPair).toMatchObject({ encrypted: false });
    expect(again.normal.publicKey).toBe(normal.publicKey);
  });

  it('asks for the passphrase and rejects a wrong one', async () => {
    const missing = await refusal({ privateKey });
    expect(missing).toMatchObject({ code: 'passphrase-needed' });
    expect(missing.message).toBe('The private key is protected: enter its passphrase.');
    const wrong = await refusal({ privateKey, passphrase: 'Secret' });
    expect(wrong).toMatchObject({ code: 'passphrase-needed' });
    expect(wrong.message).toBe('The passphrase of the private key is wrong.');
  });

  it('is read with Windows line endings, a byte order mark and surrounding blanks', async () => {
    const odd = `\uFEFF\r\n  ${privateKey.replaceAll('\n', ' \r\n')}\r\n\r\n`;
    expect((await inspect({ privateKey: odd, passphrase })).keyPair).toMatchObject({ type });
  });

  it('is refused with an explanation wherever it is truncated', async () => {
    for (let length = 0; length < privateKey.length - 1; length += 29) {
      const cut = privateKey.slice(0, length);
      if (cut === '') continue;
      const { code, message } = await refusal({ privateKey: cut, passphrase });
      expect(code).toMatch(/^(invalid-key|passphrase-needed)$/);
      expect(message).not.toBe('');
    }
  });
});

it.each([PROTECTED_SCRYPT, PROTECTED_PBKDF2])(
  'decrypts encrypted PKCS#8 of openssl, %#',
  async privateKey => {
    const { keyPair } = await inspect({ privateKey, passphrase: 'secret' });
    expect(keyPair).toMatchObject({ algorithm: 'ED25519', bits: 256, encrypted: true });
    expect(await refusal({ privateKey })).toMatchObject({ code: 'passphrase-needed' });
  },
);

it('derives the public half of a DSA key, which PKCS#8 does not contain', async () => {
  const { keyPair, normal } = await inspect({ privateKey: DSA.privateKey });
  expect(keyPair).toMatchObject({ algorithm: 'DSA', bits: 1024 });
  expect(normal.publicKey).toBe(DSA.publicKey);
});

it('detects a changed bit in a PuTTY file', async () => {
  const privateKey = PUTTY_3.privateKey.replace('Comment: putty 3', 'Comment: putty 4');
  const { message } = await refusal({ privateKey, passphrase: 'secret' });
  expect(message).toBe('The passphrase of the private key is wrong.');
});

describe('a certificate', () => {
  it('is described with its principals and validity, and belongs to its public key', async () => {
    const { certificate, normal } = await inspect(CERTIFIED);
    expect(certificate).toMatchObject({
      type: 'ssh-ed25519-cert-v01@openssh.com',
      algorithm: 'ED25519',
      keyId: 'an id',
      serial: '7',
      principals: ['root'],
      validAfter: '2026-01-01T00:00:00.000Z',
      validBefore: '2027-01-01T00:00:00.000Z',
    });
    expect(normal.certificate).toBe(CERTIFIED.certificate);
  });

  it.each([
    [HOST_CERTIFICATE, 'This is a host certificate; signing in needs a user certificate.'],
    [CERTIFIED.publicKey, 'This is a public key; a certificate is expected.'],
    [CERTIFIED.certificate.slice(0, 90), /cut off or damaged/],
    ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', /X\.509/],
    ['nothing', UNKNOWN_PAIR],
  ])(
    'is refused with an explanation when it is something else, %#',
    async (certificate, message) => {
      expect((await refusal({ certificate })).message).toMatch(message);
    },
  );

  it('is refused together with a different public key', async () => {
    const given = { certificate: CERTIFIED.certificate, publicKey: PUTTY_3.publicKey };
    const message = 'The public key does not belong to the certificate.';
    expect((await refusal(given)).message).toBe(message);
  });
});

describe('a field', () => {
  it.each<[GivenKeys, string | RegExp]>([
    [{ privateKey: 'no key' }, UNKNOWN_PAIR],
    [{ publicKey: 'no key' }, UNKNOWN_PAIR],
    [{ hostKey: 'no key' }, UNKNOWN_HOST],
    [{ hostKey: 'nokey' }, UNKNOWN_HOST],
    [{ privateKey: PUTTY_3.publicKey }, /^This is a public key/],
    [{ publicKey: PUTTY_3.privateKey }, /^This is a private key; only the public key/],
    [{ hostKey: DSA.privateKey }, /^This is a private key; only the host key/],
    [{ publicKey: CERTIFIED.certificate }, /^This is a certificate/],
    [{ publicKey: `${PUTTY_3.publicKey}\n${PUTTY_2.publicKey}` }, /several lines/],
    [{ publicKey: 'ssh-ed25519' }, /cut off/],
    [{ publicKey: PUTTY_3.publicKey.replace('ssh-ed25519', 'ssh-rsa') }, /different type/],
    [{ publicKey: 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t' }, /token/],
    [{ privateKey: 'SSH PRIVATE KEY FILE FORMAT 1.1\n' }, /SSH version 1/],
    [{ privateKey: '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n' }, /ssh\.com/],
    [{ privateKey: PUTTY_3.privateKey.replace('File-3', 'File-1') }, /versions 2 and 3/],
  ])('that contains something else is refused with an explanation, %#', async (given, message) => {
    const { code, message: words } = await refusal(given);
    expect(code).toBe('invalid-key');
    expect(words).toMatch(message);
  });
});

describe('a host key', () => {
  const [one, other] = [PUTTY_3.publicKey, PUTTY_2.publicKey];

  it('may be one line, several lines, or lines that name the server', async () => {
    expect((await inspect({ hostKey: one }, 'plc')).normal.hostKey).toBe(one);
    const several = await inspect({ hostKey: `# plc\n${one}\r\n\n${other}\n${one}` }, 'plc');
    expect(several.normal.hostKey).toBe(`${one}\n${other}`);
    const named = await inspect({ hostKey: `plc,10.0.0.5 ${one}\nelse ${other}` }, '10.0.0.5');
    expect(named.hostKeys).toMatchObject([{ hosts: ['plc', '10.0.0.5'] }]);
    expect(named.normal.hostKey).toBe(one);
  });

  it('of a mixed file are used as far as possible, and the other lines are reported', async () => {
    const sk = `sk-ssh-ed25519@openssh.com ${Buffer.from('no key').toString('base64')}`;
    const hostKey = [
      '# our machines',
      `plc ${one}`,
      `plc ${sk}`,
      'plc 2048 35 1234567890',
      `@revoked * ${other}`,
      `@cert-authority * ${one}`,
      `plc nonsense`,
    ].join('\n');
    const { hostKeys, skippedHostKeys, normal } = await inspect({ hostKey }, 'plc');
    expect(normal.hostKey).toBe(`${one}\n@revoked ${other}`);
    expect(hostKeys).toMatchObject([{ hosts: ['plc'] }, { revoked: true }]);
    expect(skippedHostKeys?.map(text => text.slice(0, 7))).toEqual([
      'Line 3:',
      'Line 4:',
      'Line 6:',
      'Line 7:',
    ]);
    expect(skippedHostKeys?.[1]).toContain('SSH version 1');
    const stored = PinnedHostKeys.parse(normal.hostKey);
    expect(stored.all).toHaveLength(1);
    expect(stored.revoked).toHaveLength(1);
    // What is stored can be read again.
    expect((await inspect({ hostKey: normal.hostKey }, 'plc')).normal.hostKey).toBe(normal.hostKey);
  });

  describe('are limited in number', () => {
    const lines = (count: number, mark = ''): string[] =>
      Array.from({ length: count }, () => {
        const { publicKey } = generateKeyPairSync('ed25519');
        const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
        const sized = (bytes: Buffer): Buffer => {
          const length = Buffer.alloc(4);
          length.writeUInt32BE(bytes.length);
          return Buffer.concat([length, bytes]);
        };
        const blob = Buffer.concat([sized(Buffer.from('ssh-ed25519')), sized(raw)]);
        return `${mark}ssh-ed25519 ${blob.toString('base64')}`;
      });
    const [trusted, revoked] = [lines(17), lines(17, '@revoked ')];

    it('to 16 of the server and 16 revoked ones', async () => {
      const hostKey = [...trusted.slice(1), ...revoked.slice(1)].join('\n');
      const { normal } = await inspect({ hostKey });
      expect(normal.hostKey).toBe(hostKey);
      const stored = PinnedHostKeys.parse(normal.hostKey);
      expect([stored.all.length, stored.revoked.length]).toEqual([16, 16]);
    });

    it('each kind on its own, in words', async () => {
      expect((await refusal({ hostKey: trusted.join('\n') })).message).toBe(
        'There are 17 host keys; a server has at most 16.',
      );
      expect((await refusal({ hostKey: revoked.join('\n') })).message).toBe(
        'There are 17 revoked host keys; an endpoint has at most 16.',
      );
    });

    it('after equal ones and those that are also revoked were left out', async () => {
      const [first = ''] = trusted;
      const hostKey = [...trusted, ...trusted, `@revoked ${first}`].join('\n');
      expect((await inspect({ hostKey })).normal.hostKey).toBe(
        [...trusted.slice(1), `@revoked ${first}`].join('\n'),
      );
    });
  });

  it('that are all revoked are kept', async () => {
    const { normal } = await inspect({ hostKey: `@revoked plc ${one}` }, 'plc');
    const pinned = PinnedHostKeys.parse(normal.hostKey);
    expect(pinned.isEmpty).toBe(true);
    expect(pinned.isRevoked(pinned.revoked[0]!)).toBe(true);
  });

  it('may belong to a server that the gateway knows by another name', async () => {
    const hostKey = `plc.example.org ${one}\nplc.example.org ${other}`;
    expect((await inspect({ hostKey }, 'localhost')).hostKeys).toHaveLength(2);
  });

  it('may belong to a server whose name looks like a key type', async () => {
    expect((await inspect({ hostKey: `ssh-gateway ${one}` })).normal.hostKey).toBe(one);
  });

  it.each([
    [`plc ${one}\nelse ${other}`, /names localhost/],
    [`@cert-authority * ${one}`, /@cert-authority/],
    [`@other * ${one}`, UNKNOWN_HOST],
    ['nonsense here\n@other * x', UNKNOWN_HOST],
    [Array.from({ length: 501 }, () => one).join('\n'), /501 lines/],
  ])(
    'is refused with an explanation when it is not for this server, %#',
    async (hostKey, message) => {
      expect((await refusal({ hostKey }, 'localhost')).message).toMatch(message);
    },
  );
});

describe('a private key that lost its line breaks', () => {
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'sec1',
    format: 'pem',
  }) as string;

  it.each([
    ['spaces', (key: string) => key.trim().replaceAll('\n', ' ')],
    ['several spaces', (key: string) => key.trim().replaceAll('\n', '   ')],
    ['\\n', (key: string) => key.replaceAll('\n', '\\n')],
    ['\\r\\n within quotes', (key: string) => `"${key.replaceAll('\n', '\\r\\n')}"`],
    ['nothing', (key: string) => key.trim().replaceAll('\n', '')],
  ])('as %s is repaired, and the answer says so', async (_name, damage) => {
    for (const key of [pem, PROTECTED_CONTAINER.privateKey]) {
      const whole = await inspect({ privateKey: key, passphrase: 'secret' });
      const { keyPair, normal } = await inspect({
        privateKey: damage(key),
        passphrase: 'secret',
      });
      expect(keyPair).toEqual({ ...whole.keyPair, repaired: true });
      expect(normal.publicKey).toBe(whole.normal.publicKey);
    }
  });

  it('is repaired together with its certificate and the host keys', async () => {
    const [one, other] = [PUTTY_3.publicKey, PUTTY_2.publicKey];
    const hostKey = [
      `plc ${one}`,
      '# old',
      `|1|a|b ${other}`,
      'plc 2048 35 12',
      `@revoked * ${other}`,
    ];
    const { normal, skippedHostKeys, certificate } = await inspect(
      { hostKey: `"${hostKey.join('\\r\\n')}"`, certificate: `${CERTIFIED.certificate.trim()}\\n` },
      'plc',
    );
    expect(normal.hostKey).toBe(`${one}\n@revoked ${other}`);
    expect(skippedHostKeys).toHaveLength(1);
    expect(certificate).not.toBeNull();
  });

  it.each(['corp\\nina@pc01', 'corp\\rick@pc01'])('a comment may be %s', async comment => {
    const [type, base64] = PUTTY_3.publicKey.split(' ');
    const line = `${type} ${base64} ${comment}`;
    const { keyPair, normal } = await inspect({ publicKey: line, hostKey: line });
    expect(keyPair).toMatchObject({ comment });
    expect([normal.publicKey, normal.hostKey]).toEqual([line, line]);
  });

  it('is not reported as repaired if nothing was wrong', async () => {
    expect((await inspect({ privateKey: pem })).keyPair).not.toHaveProperty('repaired');
  });
});
