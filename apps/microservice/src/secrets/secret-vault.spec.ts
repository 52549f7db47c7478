import { isRefusal, type Refusal } from '@remote-access/contracts';
import { Secret } from '@remote-access/settings';
import type { KeyMaterial, Settings } from '../settings/settings';
import type { TenantOptions } from '../tenant-settings/tenant-options';
import { SecretVault, type SecretOwner } from './secret-vault';
import type { KeyMaterialMaker } from './key-material';
import { KeyRing } from './key-ring';
import { seal, SealingKey } from './sealed-text';

const material = (name: string): KeyMaterial => ({
  password: new Secret(`password of ${name}`),
  salt: new Secret(`salt of ${name}`),
});

/** Each key is derived once: that takes most of the time, and most tests share theirs. */
const derive = SealingKey.from.bind(SealingKey);
const derived = new Map<string, Promise<SealingKey>>();
jest.spyOn(SealingKey, 'from').mockImplementation(keyMaterial => {
  const id = keyMaterial.password.reveal();
  const key = derived.get(id) ?? derive(keyMaterial);
  derived.set(id, key);
  return key;
});

/** May not write options. */
const noMaker = { make: () => Promise.resolve() } as unknown as KeyMaterialMaker;

interface Previous {
  ofTenant?: KeyMaterial;
  ofProcess?: KeyMaterial;
}

function vaultWith(
  ofTenant?: KeyMaterial,
  ofProcess?: KeyMaterial,
  previous: Previous = {},
): SecretVault {
  const options = {
    keyMaterial: () => Promise.resolve(ofTenant),
    previousKeyMaterial: () => Promise.resolve(previous.ofTenant),
  };
  const settings = { sealing: ofProcess, previousSealing: previous.ofProcess } as Settings;
  return new SecretVault(new KeyRing(settings, options as unknown as TenantOptions, noMaker));
}

const owner: SecretOwner & { binding: string } = {
  tenant: 't1001',
  deviceId: '1001',
  endpoint: {
    id: '1',
    hostname: '10.0.0.5',
    port: 22,
    protocol: 'SSH',
    credentials: { type: 'USER_PASS' },
  },
  binding: 'of the whole entry',
};

const changed = (endpoint: Partial<SecretOwner['endpoint']>): typeof owner => ({
  ...owner,
  endpoint: { ...owner.endpoint, ...endpoint },
});

const opened = (answer: Secret | Refusal): string =>
  isRefusal(answer) ? answer.code : answer.reveal();

const secret = new Secret('correct horse 🐎');

async function sealed(vault: SecretVault, field: 'password' | 'privateKey' = 'password') {
  const text = await vault.seal(owner, field, secret);
  if (isRefusal(text)) throw text;
  return text;
}

describe('the vault', () => {
  const vault = vaultWith(material('t1001'));

  it('unseals what it sealed, and never produces the same text twice', async () => {
    const texts = [await sealed(vault), await sealed(vault)];
    expect(texts[0]).not.toBe(texts[1]);
    for (const text of texts) {
      expect(text).toMatch(/^\{cipher\}v2\.[0-9a-f]{8}\.[\w-]+$/);
      expect(text).not.toContain('horse');
      expect(opened(await vault.open(owner, 'password', text))).toBe('correct horse 🐎');
    }
  });

  it.each<[string, SecretOwner]>([
    ['another tenant', { ...owner, tenant: 't1002' }],
    ['another device', { ...owner, deviceId: '1002' }],
    ['another endpoint', changed({ id: '2' })],
    ['another host', changed({ hostname: '10.0.0.6' })],
    ['another port', changed({ port: 2222 })],
    ['another protocol', changed({ protocol: 'VNC' })],
    ['another sign-in method', changed({ credentials: { type: 'PASS_ONLY' } })],
    ['an entry with another user, pin or option', { ...owner, binding: 'of another entry' }],
    ['an entry that is not authenticated', { ...owner, binding: null }],
  ])('does not open a password for %s', async (_where, elsewhere) => {
    const answer = await vault.open(elsewhere, 'password', await sealed(vault));
    expect(opened(answer)).toBe('credentials-unusable');
  });

  it('does not unseal a secret as another field', async () => {
    const text = await sealed(vault, 'privateKey');
    expect(opened(await vault.open(owner, 'password', text))).toBe('credentials-unusable');
  });

  it('unseals a private key after the host changed, because keys are never sent', async () => {
    const text = await sealed(vault, 'privateKey');
    const elsewhere = { ...changed({ hostname: 'elsewhere' }), binding: 'of another entry' };
    const answer = await vault.open(elsewhere, 'privateKey', text);
    expect(opened(answer)).toBe('correct horse 🐎');
  });

  it('unseals a text of the old form only for an entry of that time', async () => {
    const key = await SealingKey.from(material('t1001'));
    for (const field of ['password', 'privateKey'] as const) {
      const place = ['remoteaccess', 't1001', '1001', '1', field];
      const target = ['SSH', '10.0.0.5', '22', 'USER_PASS'];
      const context = field === 'password' ? [...place, ...target] : place;
      const old = seal(key, context, secret).replace('}v2.', '}v1.');
      expect(opened(await vault.open({ ...owner, binding: null }, field, old))).toBe(
        'correct horse 🐎',
      );
      for (const text of [old, old.replace('}v1.', '}v2.')]) {
        expect(opened(await vault.open(owner, field, text))).toBe('credentials-unusable');
      }
    }
  });

  it('does not unseal a text with any character changed, or truncated anywhere', async () => {
    const text = await sealed(vault);
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === 'A' ? 'B' : 'A';
      const forged = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
      expect(opened(await vault.open(owner, 'password', forged))).toBe('credentials-unusable');
      const cut = text.slice(0, at);
      expect(opened(await vault.open(owner, 'password', cut))).toBe('credentials-unusable');
    }
  });

  it.each(['', 'in clear', '{cipher}', '{cipher}v1.00000000.AAAA', '{cipher}9f86d081884c7d65'])(
    'does not unseal %j',
    async text => {
      expect(opened(await vault.open(owner, 'password', text))).toBe('credentials-unusable');
    },
  );

  it('returns a placeholder that is stable and does not contain the text', async () => {
    const text = await sealed(vault);
    expect(vault.placeholder(text)).toMatch(/^\{cipher\}[\w-]{22}$/);
    expect(vault.placeholder(text)).toBe(vault.placeholder(text));
    expect(vault.placeholder(text)).not.toBe(vault.placeholder(await sealed(vault)));
    expect(text).not.toContain(vault.placeholder(text).slice('{cipher}'.length));
  });
});

describe('keys', () => {
  it('of the process still unseal old secrets once the tenant has a key, which seals new ones', async () => {
    const text = await sealed(vaultWith(undefined, material('process')));
    const both = vaultWith(material('t1001'), material('process'));
    expect(opened(await both.open(owner, 'password', text))).toBe('correct horse 🐎');
    const own = vaultWith(material('t1001'));
    expect(opened(await own.open(owner, 'password', text))).toBe('credentials-unusable');
    expect(opened(await own.open(owner, 'password', await sealed(both)))).toBe('correct horse 🐎');
  });

  it('that are missing are refused and reported to /health', async () => {
    const options = { keyMaterial: () => Promise.resolve(undefined) } as unknown as TenantOptions;
    const ring = new KeyRing({ sealing: undefined } as Settings, options, noMaker);
    const answer = await new SecretVault(ring).seal(owner, 'password', secret);
    expect(answer).toMatchObject({ code: 'no-key-material' });
    expect(ring.tenantsWithoutKey()).toEqual(['t1001']);
  });
});

describe('during a change of keys', () => {
  const before = vaultWith(material('old'));

  it.each([
    ['tenant', vaultWith(material('new'), undefined, { ofTenant: material('old') })],
    ['process', vaultWith(material('new'), undefined, { ofProcess: material('old') })],
  ])('the previous key of the %s unseals, and the new one seals', async (_whose, vault) => {
    const old = await sealed(before);
    expect(opened(await vault.open(owner, 'password', old))).toBe('correct horse 🐎');
    const anew = await sealed(vault);
    expect(opened(await before.open(owner, 'password', anew))).toBe('credentials-unusable');
    const after = vaultWith(material('new'));
    expect(opened(await after.open(owner, 'password', anew))).toBe('correct horse 🐎');
    expect(opened(await after.open(owner, 'password', old))).toBe('credentials-unusable');
  });

  it('the previous key alone does not seal', async () => {
    const vault = vaultWith(undefined, undefined, { ofTenant: material('old') });
    const old = await sealed(before);
    expect(opened(await vault.open(owner, 'password', old))).toBe('correct horse 🐎');
    expect(await vault.seal(owner, 'password', secret)).toMatchObject({ code: 'no-key-material' });
  });
});
