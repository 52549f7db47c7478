import type { HostKey } from '@remote-access/ssh-keys';
import type { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import type { Log } from '../logging/log';
import type { TenantOptions } from '../tenant-settings/tenant-options';
import { HostKeyTrust } from './host-key-trust';
import type { HostKeyWriter } from './host-key-writer';

const endpoint = { id: '1', hostname: 'plc.local', port: 22, protocol: 'SSH' } as const;
const key = {} as HostKey;

async function rotationWhere(hostKeyAutosave: boolean) {
  let writes = 0;
  const warnings: string[] = [];
  const writer = {
    rotate: () => {
      writes += 1;
      return Promise.resolve(true);
    },
  };
  const trust = new HostKeyTrust(
    { of: () => Promise.resolve({ hostKeyAutosave }) } as unknown as TenantOptions,
    {} as AccessPolicy,
    writer as unknown as HostKeyWriter,
    { warn: (message: string) => warnings.push(message) } as unknown as Log,
  );
  const client = {} as Parameters<HostKeyTrust['forSession']>[2];
  const caller = { tenant: 't1001', userName: 'operator' } as Caller;
  const keys = await trust.forSession({ deviceId: '1002', endpoint }, caller, client);
  return { rotation: keys.rotation(), writes: () => writes, warnings };
}

describe('keys that a server proves to hold during a session', () => {
  it('security: are written three times at most, and a server that continues is logged', async () => {
    const { rotation, writes, warnings } = await rotationWhere(true);
    for (let count = 0; count < 1_000; count += 1) rotation!([key], key);
    expect(writes()).toBe(3);
    expect(warnings).toEqual(['A server keeps showing new host keys']);
  });

  it('are not written if keys are not saved automatically', async () => {
    expect((await rotationWhere(false)).rotation).toBeUndefined();
  });
});
