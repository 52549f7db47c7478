import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint, GeneratedKeyPair } from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import { startSshd, type Sshd } from '@remote-access/testkit';
import { Stack } from '../fixtures/stack';

const CONFIGURATIONS = '/service/remoteaccess/devices/1001/configurations';
const PASSPHRASE = 'correct horse';
const SSH = {
  name: 'Shell',
  hostname: '127.0.0.1',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'KEY_PAIR',
  username: 'root',
};

let stack: Stack;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'endpoint-keys-'));
  writeFileSync(join(folder, 'passphrase'), PASSPHRASE);
  stack = await Stack.start();
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

async function call(
  method: string,
  path: string,
  body?: object,
  user = 'engineer',
): Promise<{ status: number; body: any }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await stack.fetch(path, { method, user, ...sent });
  return { status: response.status, body: await response.json() };
}

async function create(body: object): Promise<Endpoint> {
  const answer = await call('POST', CONFIGURATIONS, { ...SSH, ...body });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body as Endpoint;
}

const generate = (body: object = {}): Promise<GeneratedKeyPair> =>
  stack.json('/service/remoteaccess/keypair/generate', {
    method: 'POST',
    body: JSON.stringify({ hostname: 'plc.local', ...body }),
  });

describe('a session', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa'] });
    writeFileSync(join(folder, 'session'), sshd.privateKey, { mode: 0o600 });
    const known = sshd.hostKeys.map(line => `[127.0.0.1]:${sshd.port} ${line}`);
    const other = (await generate()).publicKey;
    writeFileSync(join(folder, 'known_hosts'), [...known, `elsewhere ${other}`, ''].join('\n'));
    execFileSync('ssh-keygen', ['-q', '-H', '-f', join(folder, 'known_hosts')], {
      stdio: 'ignore',
    });
  });
  afterAll(() => sshd.stop());

  it('opens with a protected PuTTY key and hashed lines of known_hosts', async () => {
    const file = join(folder, 'session.ppk');
    const args = [
      '-q',
      '-O',
      'private',
      '--new-passphrase',
      join(folder, 'passphrase'),
      '-o',
      file,
    ];
    execFileSync('puttygen', [join(folder, 'session'), ...args]);
    const { id, credentials } = await create({
      port: sshd.port,
      username: sshd.userName,
      privateKey: readFileSync(file, 'utf8'),
      passphrase: PASSPHRASE,
      hostKey: readFileSync(join(folder, 'known_hosts'), 'utf8'),
    });
    const lines = credentials.hostKey!.split('\n').map(line => line.split(' ', 2).join(' '));
    expect(lines).toEqual(sshd.hostKeys.map(line => line.split(' ', 2).join(' ')));

    const client = await stack.connectTerminal(id);
    client.type('echo $((40 + 2))-ready\n');
    await client.reads('42-ready');
    client.disconnect();
    await client.closed();
  });
});

describe('what is stored', () => {
  it('is the sealed private key without its passphrase, which is not stored anywhere', async () => {
    const file = join(folder, 'protected');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', PASSPHRASE, '-C', 'me', '-f', file]);
    const privateKey = readFileSync(file, 'utf8');
    const needed = await call('POST', CONFIGURATIONS, { ...SSH, privateKey });
    expect(needed).toMatchObject({
      status: 422,
      body: { error: 'remoteaccess/passphrase-needed' },
    });
    const wrong = await call('POST', CONFIGURATIONS, { ...SSH, privateKey, passphrase: 'other' });
    expect(wrong.body.message).toBe('The passphrase of the private key is wrong.');

    const { id, credentials } = await create({ privateKey, passphrase: PASSPHRASE });
    expect(credentials.privateKey).toMatch(/^\{cipher\}/);
    expect(credentials.publicKey).toBe(readFileSync(`${file}.pub`, 'utf8').trim());
    const path = '/inventory/managedObjects/1001';
    const object = await stack.json<ManagedObject>(path, { user: 'admin' });
    expect(JSON.stringify(object[FRAGMENTS.list])).not.toMatch(/passphrase|correct horse|BEGIN/);
    const [stored] = (object[FRAGMENTS.list] as Endpoint[]).filter(one => one.id === id);
    expect(stored!.credentials.privateKey).toMatch(/^\{cipher\}/);
  });

  it('is the public key derived from the private key, even if the private key is kept', async () => {
    const { privateKey, publicKey } = await generate();
    const { id, credentials } = await create({ privateKey });
    expect(credentials.publicKey).toBe(publicKey);
    const kept = { ...SSH, privateKey: credentials.privateKey };
    const { body } = await call('PUT', `${CONFIGURATIONS}/${id}`, kept);
    expect(body.credentials.publicKey).toBe(publicKey);
  });

  it('is never a public key with the private key of another pair, new or kept', async () => {
    const [one, other] = [await generate(), await generate()];
    const both = { ...SSH, privateKey: one.privateKey, publicKey: other.publicKey };
    const message = 'The private key does not belong to the public key.';
    const refused = { status: 422, body: { error: 'remoteaccess/invalid-endpoint', message } };
    expect(await call('POST', CONFIGURATIONS, both)).toMatchObject(refused);
    const { id } = await create({ privateKey: one.privateKey });
    const path = `${CONFIGURATIONS}/${id}`;
    expect(await call('PATCH', path, { publicKey: other.publicKey })).toMatchObject(refused);
    const patched = await call('PATCH', path, { privateKey: other.privateKey });
    expect(patched.body.credentials.publicKey).toBe(other.publicKey);
  });
});

describe('POST keypair/generate', () => {
  it.each([
    [{}, /^ssh-ed25519 \S+ plc\.local$/],
    [{ type: 'ECDSA' }, /^ecdsa-sha2-nistp256 /],
    [{ type: 'ECDSA', bits: 384 }, /^ecdsa-sha2-nistp384 /],
    [{ type: 'ECDSA', bits: 521 }, /^ecdsa-sha2-nistp521 /],
    [{ type: 'RSA', bits: 2048, comment: 'mine' }, /^ssh-rsa \S+ mine$/],
  ])('generates a key pair for %j that ssh-keygen reads', async (body, line) => {
    const { privateKey, publicKey } = await generate(body);
    expect(publicKey).toMatch(line);
    const file = join(folder, `generated-${publicKey.slice(-20).replace(/\W/g, '')}`);
    writeFileSync(file, privateKey, { mode: 0o600 });
    expect(execFileSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' })).toBe(
      `${publicKey}\n`,
    );
  });

  it.each([
    [{ type: 'DSA' }, 'type must be ED25519, ECDSA or RSA.'],
    [{ type: 'RSA', bits: 1024 }, 'RSA keys have from 2048 to 4096 bits, in steps of 8.'],
    [{ type: 'RSA', bits: 4104 }, 'RSA keys have from 2048 to 4096 bits, in steps of 8.'],
    [{ type: 'ECDSA', bits: 512 }, 'ECDSA keys have 256, 384 or 521 bits.'],
    [{ bits: 512 }, 'ED25519 keys have 256 bits.'],
    [{ bits: '256' }, 'Wrong type of a field; expected bits: a number.'],
    [{ comment: 'c'.repeat(256) }, 'comment must not be longer than 255 characters.'],
  ])('refuses %j with a clear message', async (body, message) => {
    const answer = await call('POST', '/service/remoteaccess/keypair/generate', body);
    expect(answer).toMatchObject({ status: 400, body: { message } });
  });
});

it.each(['generate', 'inspect'])('POST keypair/%s needs permission to configure', async route => {
  const path = `/service/remoteaccess/keypair/${route}`;
  for (const user of ['operator', 'viewer', 'device_gw-1']) {
    const answer = await call('POST', path, { hostname: 'h' }, user);
    expect(answer).toMatchObject({ status: 403, body: { error: 'remoteaccess/forbidden' } });
  }
  const wrong = await stack.fetch(path, {
    method: 'POST',
    headers: { authorization: 'Basic eA==' },
  });
  expect(wrong.status).toBe(401);
});
