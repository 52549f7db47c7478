import { RemoteAccessError } from '@remote-access/contracts';
import { Secret } from '@remote-access/settings';
import type { AuditTrail } from '../audit/audit-trail';
import type { Log } from '../logging/log';
import type { Cumulocity, ServiceAccounts } from '../platform/cumulocity';
import type { TenantOptions } from '../tenant-settings/tenant-options';
import { KeyMaterialMaker } from './key-material';

const account = { tenant: 't1', user: 'service', password: new Secret('given by the platform') };

describe('KeyMaterialMaker', () => {
  let reads: number;
  let written: Record<string, string>[];
  let read: () => Promise<boolean>;
  let maker: KeyMaterialMaker;

  beforeEach(() => {
    reads = 0;
    written = [];
    read = () => Promise.resolve(true);
    const platform = {
      updateTenantOptions: (_category: string, values: Record<string, string>) =>
        Promise.resolve(void written.push(values)),
    };
    const options = {
      isWithoutKeyMaterial: () => {
        reads += 1;
        return read();
      },
      areEndpointsAuthenticated: () => Promise.resolve(false),
      forget: () => undefined,
    };
    maker = new KeyMaterialMaker(
      { asService: () => platform } as unknown as Cumulocity,
      { of: () => account } as unknown as ServiceAccounts,
      options as unknown as TenantOptions,
      { record: () => Promise.resolve(true) } as unknown as AuditTrail,
      { info: () => undefined, error: () => undefined } as unknown as Log,
    );
  });

  it('writes once for all concurrent callers', async () => {
    await Promise.all([maker.make('t1'), maker.make('t1')]);
    await maker.make('t1');
    expect([reads, written.length]).toEqual([1, 1]);
  });

  it('asks again at once after options that could not be read', async () => {
    read = () => Promise.reject(new RemoteAccessError('platform-timeout'));
    await expect(maker.make('t1')).rejects.toMatchObject({ code: 'platform-timeout' });
    read = () => Promise.resolve(true);
    await maker.make('t1');
    expect([reads, written.length]).toEqual([2, 1]);
  });

  it('does not write if something exists', async () => {
    read = () => Promise.resolve(false);
    await maker.make('t1');
    expect(written).toEqual([]);
  });
});
