import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KeyInspection, KeyInspectionBody } from '@remote-access/contracts';
import { utils, type ParsedKey } from 'ssh2';
import { Stack } from '../fixtures/stack';

// Every key here is made by ssh-keygen, puttygen or openssl while the test runs, and what the
// service makes of it is read back by ssh-keygen and ssh2.
const run = promisify(execFile);
const PASSPHRASE = 'päss phrase';

let stack: Stack;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
  await writeFile(at('passphrase'), PASSPHRASE);
  await writeFile(at('no-passphrase'), '');
  stack = await Stack.start({ agent: false });
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
const text = (name: string): Promise<string> => readFile(at(name), 'utf8');

const inspect = (body: KeyInspectionBody): Promise<KeyInspection> =>
  stack.json('/service/remoteaccess/keypair/inspect', {
    method: 'POST',
    body: JSON.stringify(body),
  });

async function refusal(body: KeyInspectionBody): Promise<{ error: string; message: string }> {
  const path = '/service/remoteaccess/keypair/inspect';
  const response = await stack.fetch(path, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(422);
  return (await response.json()) as { error: string; message: string };
}

async function keygen(...args: string[]): Promise<string> {
  return (await run('ssh-keygen', args)).stdout.trim();
}

/** What the service answers for a private key, held to what ssh-keygen and ssh2 say of it. */
async function expectKey(name: string, publicFile: string, passphrase?: string): Promise<void> {
  const answer = await inspect({ privateKey: await text(name), passphrase: passphrase ?? null });
  await expectSame(answer, publicFile);
  expect(answer.keyPair).toMatchObject({
    hasPrivateKey: true,
    encrypted: passphrase !== undefined,
  });

  const { privateKey, publicKey } = answer.normal;
  const normal = at(`${name}.normal`);
  await writeFile(normal, privateKey!, { mode: 0o600 });
  const [type, base64] = (await keygen('-y', '-P', '', '-f', normal)).split(' ');
  expect(publicKey!.split(' ').slice(0, 2)).toEqual([type, base64]);

  const parsed = utils.parseKey(privateKey!) as ParsedKey;
  expect(parsed.isPrivateKey()).toBe(true);
  expect(parsed.getPublicSSH().toString('base64')).toBe(base64);
  const signed = parsed.sign(Buffer.from('message'));
  expect(parsed.verify(Buffer.from('message'), signed)).toBe(true);
}

async function expectSame({ keyPair, normal }: KeyInspection, publicFile: string): Promise<void> {
  const [bits, sha256] = (await keygen('-lf', at(publicFile))).split(' ');
  const [, md5] = (await keygen('-E', 'md5', '-lf', at(publicFile))).split(' ');
  expect(keyPair).toMatchObject({ bits: Number(bits), sha256, md5 });
  const [type, base64] = (await text(publicFile)).trim().split(' ');
  expect(normal.publicKey!.split(' ').slice(0, 2)).toEqual([type, base64]);
}

const KINDS = [
  { kind: 'rsa', args: ['-t', 'rsa', '-b', '2048'], algorithm: 'RSA' },
  { kind: 'dsa', args: ['-t', 'dsa'], algorithm: 'DSA' },
  { kind: 'ecdsa-256', args: ['-t', 'ecdsa', '-b', '256'], algorithm: 'ECDSA' },
  { kind: 'ecdsa-384', args: ['-t', 'ecdsa', '-b', '384'], algorithm: 'ECDSA' },
  { kind: 'ecdsa-521', args: ['-t', 'ecdsa', '-b', '521'], algorithm: 'ECDSA' },
  { kind: 'ed25519', args: ['-t', 'ed25519'], algorithm: 'ED25519' },
];

async function make(name: string, args: string[], passphrase = ''): Promise<void> {
  await keygen('-q', ...args, '-N', passphrase, '-C', `${name} čšž`, '-f', at(name));
}

describe.each(KINDS)('a key of ssh-keygen, $kind', ({ kind, args, algorithm }) => {
  beforeAll(() => make(kind, args));

  it('is read from an OpenSSH container, its comment kept', async () => {
    await expectKey(kind, `${kind}.pub`);
    const { keyPair } = await inspect({ privateKey: await text(kind) });
    expect(keyPair).toMatchObject({ algorithm, comment: `${kind} čšž` });
  });

  it('is read from a protected OpenSSH container', async () => {
    await make(`${kind}-protected`, args, PASSPHRASE);
    await expectKey(`${kind}-protected`, `${kind}-protected.pub`, PASSPHRASE);
  });

  it.each(['PEM', 'PKCS8'])('is read from %s, protected or not', async format => {
    await make(`${kind}-${format}`, [...args, '-m', format]);
    await expectKey(`${kind}-${format}`, `${kind}-${format}.pub`);
    await make(`${kind}-${format}-protected`, [...args, '-m', format], PASSPHRASE);
    await expectKey(`${kind}-${format}-protected`, `${kind}-${format}-protected.pub`, PASSPHRASE);
  });

  it.each(['2', '3'])(
    'is read from a PuTTY file of version %s, protected or not',
    async version => {
      const name = `${kind}-${version}.ppk`;
      const parameters = ['-q', '-O', 'private', '--ppk-param', `version=${version}`];
      const convert = (out: string, passphraseFile: string): Promise<unknown> =>
        run('puttygen', [
          at(kind),
          ...parameters,
          ...['--new-passphrase', at(passphraseFile), '-o', at(out)],
        ]);
      await convert(name, 'no-passphrase');
      await expectKey(name, `${kind}.pub`);
      await convert(`protected-${name}`, 'passphrase');
      await expectKey(`protected-${name}`, `${kind}.pub`, PASSPHRASE);
    },
  );

  it('has its public half read from a line, RFC 4716 and PEM', async () => {
    await expectSame(await inspect({ publicKey: await text(`${kind}.pub`) }), `${kind}.pub`);
    const formats = kind === 'ed25519' ? ['RFC4716'] : ['RFC4716', 'PKCS8'];
    for (const format of kind === 'rsa' ? [...formats, 'PEM'] : formats) {
      const publicKey = await keygen('-e', '-m', format, '-f', at(`${kind}.pub`));
      await expectSame(await inspect({ publicKey }), `${kind}.pub`);
    }
    const { stdout } = await run('puttygen', [at(kind), '-O', 'public']);
    await expectSame(await inspect({ publicKey: stdout }), `${kind}.pub`);
  });

  it('has a certificate that belongs to it and to no other key', async () => {
    await make(`${kind}-authority`, args);
    await keygen(
      ...['-q', '-s', at(`${kind}-authority`), '-I', 'a key', '-z', '18446744073709551615'],
      ...['-n', 'root,operator', '-V', '20260101000000Z:20270101000000Z', at(`${kind}.pub`)],
    );
    const certificate = await text(`${kind}-cert.pub`);
    const [, authority] = (await keygen('-lf', at(`${kind}-authority.pub`))).split(' ');
    const answer = await inspect({ privateKey: await text(kind), certificate });
    expect(answer.certificate).toMatchObject({
      algorithm,
      keyId: 'a key',
      serial: '18446744073709551615',
      principals: ['root', 'operator'],
      validAfter: '2026-01-01T00:00:00.000Z',
      validBefore: '2027-01-01T00:00:00.000Z',
      authority: { algorithm, sha256: authority },
    });
    expect(answer.normal.certificate).toBe(certificate.trim());
    const privateKey = await text(`${kind}-authority`);
    expect(await refusal({ privateKey, certificate })).toMatchObject({
      error: 'remoteaccess/invalid-key',
      message: 'The private key does not belong to the certificate.',
    });
  });
});

it.each([
  ...['aes256-ctr', 'aes192-ctr', 'aes128-ctr', 'aes256-cbc', 'aes192-cbc', 'aes128-cbc'],
  ...['3des-cbc', 'aes256-gcm@openssh.com', 'aes128-gcm@openssh.com'],
  'chacha20-poly1305@openssh.com',
])('an OpenSSH container protected with %s opens', async cipher => {
  const name = `cipher-${cipher}`;
  await make(name, ['-t', 'ed25519', '-Z', cipher], PASSPHRASE);
  await expectKey(name, `${name}.pub`, PASSPHRASE);
  const privateKey = await text(name);
  expect(await refusal({ privateKey, passphrase: 'wrong' })).toMatchObject({
    error: 'remoteaccess/passphrase-needed',
    message: 'The passphrase of the private key is wrong.',
  });
});

describe('a key of openssl', () => {
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args);

  it.each([
    ['RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
    ['EC', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['ED25519', ['-algorithm', 'ED25519']],
  ])('is read from PKCS#8 with each protection that OpenSSL has, %s', async (kind, args) => {
    const plain = at(`openssl-${kind}`);
    await openssl('genpkey', ...args, '-out', plain);
    const { normal } = await inspect({ privateKey: await text(`openssl-${kind}`) });
    await writeFile(`${plain}.pub`, `${normal.publicKey!}\n`);
    await expectKey(`openssl-${kind}`, `openssl-${kind}.pub`);
    const protections = [
      ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512', '-iter', '10000'],
      ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1'],
      ['-v2', 'des3'],
      ['-scrypt'],
    ];
    for (const [index, protection] of protections.entries()) {
      const name = `openssl-${kind}-${index}`;
      const pass = `file:${at('passphrase')}`;
      await openssl(
        ...['pkcs8', '-topk8', '-in', plain, '-out', at(name), '-passout', pass],
        ...protection,
      );
      await expectKey(name, `openssl-${kind}.pub`, PASSPHRASE);
    }
  });

  it('is read from a file that names the curve first', async () => {
    await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-out', at('ecparam'));
    const { keyPair, normal } = await inspect({ privateKey: await text('ecparam') });
    expect(keyPair).toMatchObject({ algorithm: 'ECDSA', bits: 256 });
    const parsed = utils.parseKey(normal.privateKey!) as ParsedKey;
    expect(parsed.isPrivateKey()).toBe(true);
  });

  it('is refused in words where SSH has no such key', async () => {
    await openssl('genpkey', '-algorithm', 'X25519', '-out', at('x25519'));
    expect((await refusal({ privateKey: await text('x25519') })).message).toMatch(
      /SSH does not use/,
    );
    await openssl('ecparam', '-name', 'secp256k1', '-genkey', '-out', at('k1'));
    expect((await refusal({ privateKey: await text('k1') })).message).toMatch(/curve/);
  });
});

describe('lines of known_hosts', () => {
  it('are narrowed to the server, hashed names too', async () => {
    await make('host-one', ['-t', 'ed25519']);
    await make('host-two', ['-t', 'ecdsa']);
    const [one, two] = [await text('host-one.pub'), await text('host-two.pub')];
    const lines = `plc.local,10.0.0.5 ${one}[other.local]:2222 ${two}`;
    await writeFile(at('known_hosts'), lines);
    await keygen('-H', '-f', at('known_hosts'));
    for (const hostKey of [lines, await text('known_hosts')]) {
      const first = await inspect({ hostKey, hostname: '10.0.0.5' });
      expect(first.normal.hostKey).toBe(one.trim());
      const second = await inspect({ hostKey, hostname: 'OTHER.local', port: 2222 });
      expect(second.normal.hostKey).toBe(two.trim());
      expect((await refusal({ hostKey, hostname: 'third.local' })).message).toMatch(/third\.local/);
    }
  });
});
