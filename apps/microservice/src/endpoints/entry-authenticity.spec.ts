import { RemoteAccessError } from '@remote-access/contracts';
import { Secret } from '@remote-access/settings';
import { entryMac } from '../secrets/entry-mac';
import type { KeyRing } from '../secrets/key-ring';
import { SealingKey } from '../secrets/sealed-text';
import type { TenantOptions } from '../tenant-settings/tenant-options';
import { StoredEntry } from './endpoint-list';
import { EntryAuthenticity } from './entry-authenticity';

const FIELDS = { id: '1', name: 'T', hostname: 'h', port: 23, protocol: 'TELNET' };
const PLACE = { tenant: 't1', deviceId: '7', id: '1' };

let key: SealingKey;
beforeAll(async () => {
  key = await SealingKey.from({ password: new Secret('p'), salt: new Secret('s') });
});

function authenticity(option: { read: () => Promise<boolean>; write?: () => Promise<void> }) {
  const keys = { keysOf: () => Promise.resolve([key]) } as unknown as KeyRing;
  const options = {
    areEndpointsAuthenticated: option.read,
    setEndpointsAuthenticated: option.write,
  } as unknown as TenantOptions;
  return new EntryAuthenticity(keys, options);
}

const signed = (): StoredEntry => new StoredEntry({ ...FIELDS, mac: entryMac(key, PLACE, FIELDS) });
const unsigned = new StoredEntry(FIELDS);

const withSecret = (password: string): StoredEntry =>
  new StoredEntry({
    ...FIELDS,
    protocol: 'SSH',
    credentials: { type: 'USER_PASS', username: 'u', password },
  });

describe('before the option is set', () => {
  it('entries of the old form are accepted, and those that only look like it are not', async () => {
    const checker = await authenticity({ read: () => Promise.resolve(false) }).checkerOf('t1');
    expect(checker.stateOf('7', signed())).toBe('authentic');
    expect(checker.stateOf('7', unsigned)).toBe('old');
    expect(checker.stateOf('7', withSecret('{cipher}v1.00000000.AAAA'))).toBe('old');
    expect(checker.stateOf('7', withSecret('{cipher}v2.00000000.AAAA'))).toBe('changed');
    expect(checker.stateOf('7', new StoredEntry({ ...FIELDS, mac: '' }))).toBe('changed');
    expect(checker.stateOf('8', signed())).toBe('changed');
  });
});

describe('once the option is set', () => {
  it('the old form is refused, even if the option disappears', async () => {
    let isSet = true;
    const one = authenticity({ read: () => Promise.resolve(isSet) });
    expect((await one.checkerOf('t1')).stateOf('7', unsigned)).toBe('changed');
    isSet = false;
    const checker = await one.checkerOf('t1');
    expect(checker.stateOf('7', unsigned)).toBe('changed');
    expect(checker.refusalOf('7', unsigned)).toMatchObject({ code: 'endpoint-unconfirmed' });
    expect(checker.stateOf('7', signed())).toBe('authentic');
  });
});

describe('while the platform fails', () => {
  it('nothing is accepted if the option cannot be read', async () => {
    const read = () => Promise.reject(new RemoteAccessError('platform-failed'));
    await expect(authenticity({ read }).checkerOf('t1')).rejects.toMatchObject({
      code: 'platform-failed',
    });
  });

  it('the old form is refused although the option could not be written', async () => {
    const one = authenticity({
      read: () => Promise.resolve(false),
      write: () => Promise.reject(new RemoteAccessError('platform-failed')),
    });
    await expect(one.closeOldForm('t1')).rejects.toMatchObject({ code: 'platform-failed' });
    expect((await one.checkerOf('t1')).stateOf('7', unsigned)).toBe('changed');
    expect((await one.checkerOf('t2')).stateOf('7', unsigned)).toBe('old');
  });
});
