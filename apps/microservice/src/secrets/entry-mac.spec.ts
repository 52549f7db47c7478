import { Secret } from '@remote-access/settings';
import { bindingOf, digestOf, entryMac, isAuthentic, isTooDeep } from './entry-mac';
import { SealingKey } from './sealed-text';

const PLACE = { tenant: 't1001', deviceId: '1001', id: '1' };

const ENTRY = {
  id: '1',
  name: 'Shell',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentials: { type: 'USER_PASS', username: 'root', password: '{cipher}x', hostKey: 'k' },
  attrs: { rack: 7 },
};

let key: SealingKey;
let other: SealingKey;
let signed: Record<string, unknown>;

beforeAll(async () => {
  const material = (name: string) => ({ password: new Secret(name), salt: new Secret('salt') });
  key = await SealingKey.from(material('one'));
  other = await SealingKey.from(material('two'));
  signed = { ...ENTRY, mac: entryMac(key, PLACE, ENTRY) };
});

const accepts = (entry: Record<string, unknown>, keys = [key], place = PLACE): boolean =>
  isAuthentic(keys, place, entry);

describe('the code of an entry', () => {
  it('has a version and the id of its key', () => {
    expect(signed['mac']).toMatch(new RegExp(`^v1\\.${key.id}\\.[\\w-]{43}$`));
    expect(accepts(signed)).toBe(true);
    expect(accepts(signed, [other, key])).toBe(true);
    expect(accepts(signed, [other])).toBe(false);
    expect(accepts(signed, [])).toBe(false);
  });

  it('is made with a different key than the one secrets are sealed with', () => {
    expect(key.macBytes.equals(key.bytes)).toBe(false);
  });

  it.each<[string, object]>([
    ['the host', { hostname: '10.0.0.6' }],
    ['the type of the port', { port: '22' }],
    ['a credential', { credentials: { ...ENTRY.credentials, hostKey: 'other' } }],
    ['a sealed text', { credentials: { ...ENTRY.credentials, password: '{cipher}y' } }],
    ['a credential that is new', { credentials: { ...ENTRY.credentials, agent: false } }],
    ['a field of the future', { relay: 0 }],
    ['a field that is false', { viewOnly: false }],
  ])('covers %s', (_what, change) => {
    expect(accepts({ ...signed, ...change })).toBe(false);
  });

  it.each<[string, object]>([
    ['the tenant', { tenant: 't1002' }],
    ['the device', { deviceId: '1002' }],
    ['the endpoint', { id: '2' }],
  ])('covers %s', (_what, change) => {
    expect(accepts(signed, [key], { ...PLACE, ...change })).toBe(false);
  });

  it('covers neither name nor attributes, nor the order of fields, nor nulls', () => {
    expect(accepts({ ...signed, name: 'Other', attrs: undefined })).toBe(true);
    const { credentials, ...rest } = signed;
    const reversed = Object.entries(credentials as object).reverse();
    expect(accepts({ credentials: Object.fromEntries(reversed), ...rest, added: null })).toBe(true);
  });

  it('distinguishes names from values', () => {
    const one = { ...ENTRY, x: { 'a":"b': 1 } };
    const two = { ...ENTRY, x: { a: 'b":1' } };
    expect(entryMac(key, PLACE, one)).not.toBe(entryMac(key, PLACE, two));
    const list = { ...ENTRY, x: [1, 2] };
    expect(entryMac(key, PLACE, list)).not.toBe(entryMac(key, PLACE, { ...ENTRY, x: [[1], 2] }));
  });

  it.each([undefined, null, 7, '', 'v1.x', ['v1'], { toString: 'v1' }])('is not %j', mac => {
    expect(accepts({ ...ENTRY, mac })).toBe(false);
  });

  it('is refused in any other spelling', () => {
    const mac = signed['mac'] as string;
    for (let at = 0; at < mac.length - 1; at += 1) {
      const changed = mac[at] === 'A' ? 'B' : 'A';
      expect(accepts({ ...ENTRY, mac: `${mac.slice(0, at)}${changed}${mac.slice(at + 1)}` })).toBe(
        false,
      );
      expect(accepts({ ...ENTRY, mac: mac.slice(0, at) })).toBe(false);
    }
    expect(accepts({ ...ENTRY, mac: `${mac}=` })).toBe(false);
  });

  it('is not made for an entry that nests too deeply to be read', () => {
    const nested = (depth: number): unknown =>
      JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`);
    expect(isTooDeep({ x: nested(29) })).toBe(false);
    for (const depth of [30, 100_000]) {
      const entry = { ...ENTRY, x: nested(depth) };
      expect(isTooDeep(entry)).toBe(true);
      expect(accepts({ ...entry, mac: entryMac(key, PLACE, entry) })).toBe(false);
    }
  });
});

describe('what a password is bound to', () => {
  it('changes with every field but the secrets themselves', () => {
    const binding = bindingOf(PLACE, ENTRY);
    const withPassword = { ...ENTRY, credentials: { ...ENTRY.credentials, password: 'y' } };
    expect(bindingOf(PLACE, withPassword)).toBe(binding);
    expect(bindingOf(PLACE, signed)).toBe(binding);
    const withUser = { ...ENTRY, credentials: { ...ENTRY.credentials, username: 'admin' } };
    expect(bindingOf(PLACE, withUser)).not.toBe(binding);
    expect(bindingOf(PLACE, { ...ENTRY, legacyAlgorithms: true })).not.toBe(binding);
  });
});

describe('what a user has seen', () => {
  it('includes the sealed texts', () => {
    const withPassword = { ...ENTRY, credentials: { ...ENTRY.credentials, password: 'y' } };
    expect(digestOf(PLACE, withPassword)).not.toBe(digestOf(PLACE, ENTRY));
    expect(digestOf(PLACE, signed)).toBe(digestOf(PLACE, ENTRY));
  });
});
