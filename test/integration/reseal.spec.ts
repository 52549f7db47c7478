import type { Endpoint, EndpointBody, ResealReport } from '@remote-access/contracts';
import { FRAGMENTS, OPTION_KEYS } from '@remote-access/contracts/platform';
import { Stack } from '../fixtures/stack';

const RESEAL = '/service/remoteaccess/credentials/reseal';

const SSH: EndpointBody = {
  name: 'Shell',
  hostname: '10.0.0.5',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'root',
  password: 'correct horse',
};

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

const reseal = (user = 'admin'): Promise<Response> => stack.fetch(RESEAL, { method: 'POST', user });

const report = async (): Promise<ResealReport> => (await (await reseal()).json()) as ResealReport;

const entries = async (device: string): Promise<any[]> =>
  (await stack.json<any>(`/inventory/managedObjects/${device}`, { user: 'admin' }))[FRAGMENTS.list];

/** Like an administrator: the current password and salt become the previous ones. */
async function changeKeys(): Promise<void> {
  const tenant = stack.emulator.store.tenant('t1001')!;
  const valueOf = (key: string): string => tenant.options.get(`remoteaccess/${key}`)!.value;
  await stack.json('/tenant/options/remoteaccess', {
    method: 'PUT',
    user: 'admin',
    body: JSON.stringify({
      [OPTION_KEYS.previousSealingPassword]: valueOf(OPTION_KEYS.sealingPassword),
      [OPTION_KEYS.previousSealingSalt]: valueOf(OPTION_KEYS.sealingSalt),
      [OPTION_KEYS.sealingPassword]: 'new password',
      [OPTION_KEYS.sealingSalt]: 'new salt',
    }),
  });
}

describe('resealing', () => {
  it('seals every secret of the tenant with the new key, once, and changes nothing else', async () => {
    await stack.addEndpoint(SSH, '1001');
    await stack.addEndpoint({ ...SSH, name: 'Two' }, '1002');
    await stack.addEndpoint({ name: 'T', hostname: 'h', port: 23, protocol: 'TELNET' }, '1002');
    const nothing = { complete: true, gateways: 2, unusable: 0, unusableSecrets: [] };
    expect(await report()).toEqual({ ...nothing, resealed: 0, current: 2 });

    const before = await entries('1002');
    await changeKeys();
    expect(await report()).toEqual({ ...nothing, resealed: 2, current: 0 });
    const after = await entries('1002');
    const { password } = after[0].credentials;
    expect(password).not.toBe(before[0].credentials.password);
    before[0].credentials.password = password;
    const macs = (list: any[]) => list.map(({ mac }) => mac);
    macs(after).forEach((mac, index) => expect(mac).not.toBe(macs(before)[index]));
    expect(after).toEqual(before.map((entry, index) => ({ ...entry, mac: after[index].mac })));
    expect(await report()).toEqual({ ...nothing, resealed: 0, current: 2 });
  });

  it('keeps the secrets usable after the previous key is gone', async () => {
    const { id } = await stack.addEndpoint(SSH, '1002');
    await changeKeys();
    await report();
    for (const key of [OPTION_KEYS.previousSealingPassword, OPTION_KEYS.previousSealingSalt]) {
      const path = `/tenant/options/remoteaccess/${key}`;
      await stack.fetch(path, { method: 'DELETE', user: 'admin' });
    }
    expect(await report()).toMatchObject({ current: 1, unusable: 0 });
    const [shown] = await stack.json<Endpoint[]>(
      '/service/remoteaccess/devices/1002/configurations',
    );
    expect(shown).toMatchObject({ id, credentials: { username: 'root' } });
    expect(shown).not.toHaveProperty('changed');
    expect(shown).not.toHaveProperty('unreadable');
  });

  it('names the secrets that no key can unseal, and leaves them unchanged', async () => {
    await stack.addEndpoint(SSH, '1002');
    const [entry] = await entries('1002');
    entry.hostname = 'evil';
    await stack.json('/inventory/managedObjects/1002', {
      method: 'PUT',
      user: 'admin',
      body: JSON.stringify({ [FRAGMENTS.list]: [entry] }),
    });
    await changeKeys();
    expect(await report()).toEqual({
      complete: true,
      gateways: 1,
      resealed: 0,
      current: 0,
      unusable: 1,
      unusableSecrets: [{ deviceId: '1002', endpointId: '1', name: 'Shell', field: 'password' }],
    });
    expect(await entries('1002')).toEqual([entry]);
  });

  it('loses no endpoint that is added in the meantime', async () => {
    await stack.addEndpoint(SSH, '1002');
    await changeKeys();
    const names = ['A', 'B', 'C'];
    await Promise.all([
      reseal(),
      ...names.map(name => stack.addEndpoint({ ...SSH, name }, '1002')),
    ]);
    expect((await entries('1002')).map(({ name }) => name).sort()).toEqual([...names, 'Shell']);
  });

  it('is audited, and needs the permission to manage tenant options', async () => {
    await stack.addEndpoint(SSH, '1002');
    await changeKeys();
    const refused = await reseal('engineer');
    expect(await refused.json()).toMatchObject({
      message: 'You need the permission ADMIN for "Option management".',
    });
    await report();
    const { auditRecords } = await stack.json<any>('/audit/auditRecords?source=1002&pageSize=100', {
      user: 'admin',
    });
    const ours = auditRecords.filter(({ activity }: any) => activity.includes('re-sealed'));
    expect(ours.map(({ text, user }: any) => [text, user])).toEqual([
      ['Secrets sealed with the current key: 1', 'admin'],
    ]);
  });
});
