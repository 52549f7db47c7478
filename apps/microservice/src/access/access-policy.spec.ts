import { BlockList } from 'node:net';
import { isRefusal, RemoteAccessError } from '@remote-access/contracts';
import type { CurrentUser, ManagedObject } from '@remote-access/contracts/platform';
import { Secret } from '@remote-access/settings';
import { CallerCredentials } from '../platform/caller-credentials';
import type { Cumulocity } from '../platform/cumulocity';
import type { TenantDirectory } from '../platform/tenant-directory';
import { AccessPolicy } from './access-policy';
import { FailedSignIns } from './guess-limits';

const credentials = CallerCredentials.basic('t1001', 'user', new Secret('p'));
const gateway: ManagedObject = {
  id: '1001',
  name: 'Factory gateway',
  c8y_SupportedOperations: ['c8y_RemoteAccessConnect'],
};

interface World {
  roles?: string[];
  devicePermissions?: CurrentUser['devicePermissions'];
  user?: () => Promise<CurrentUser>;
  managedObject?: () => Promise<ManagedObject | undefined>;
  subscribed?: boolean;
}

function policyIn(world: World): AccessPolicy {
  const user: CurrentUser = {
    id: 'user',
    userName: 'user',
    effectiveRoles: (world.roles ?? []).map(name => ({ id: name, name })),
    ...(world.devicePermissions ? { devicePermissions: world.devicePermissions } : {}),
  };
  const session = {
    currentUser: world.user ?? (() => Promise.resolve(user)),
    tenant: () => Promise.resolve('t1001'),
    managedObject: world.managedObject ?? (() => Promise.resolve(gateway)),
  };
  const service = { managedObjectWithParents: () => Promise.resolve(gateway) };
  return new AccessPolicy(
    { as: () => session, asService: () => service } as unknown as Cumulocity,
    { has: () => Promise.resolve(world.subscribed ?? true) } as unknown as TenantDirectory,
    new FailedSignIns({ trustedProxies: new BlockList() }),
  );
}

async function outcome(world: World, purpose: 'read' | 'configure'): Promise<string> {
  const answer = await policyIn(world).authorize(credentials, '1001', purpose);
  return isRefusal(answer) ? `${answer.code}: ${answer.message}` : 'admitted';
}

const READ = 'ROLE_REMOTE_ACCESS_READ';
const ADMIN = 'ROLE_REMOTE_ACCESS_ADMIN';
const CONTROL = 'ROLE_DEVICE_CONTROL_ADMIN';

describe('read access', () => {
  it.each([[[READ]], [[ADMIN]], [[READ, CONTROL]]])('is granted with %j', async roles => {
    await expect(outcome({ roles }, 'read')).resolves.toBe('admitted');
  });

  it('names the missing permission when it is refused', async () => {
    await expect(outcome({ roles: [CONTROL] }, 'read')).resolves.toBe(
      'forbidden: You need the permission READ for "Remote access".',
    );
  });
});

describe('configure access', () => {
  it('needs ADMIN for remote access and for device control', async () => {
    await expect(outcome({ roles: [ADMIN, CONTROL] }, 'configure')).resolves.toBe('admitted');
  });

  it.each([
    [[READ, CONTROL], 'ADMIN for "Remote access"'],
    [[ADMIN], 'ADMIN for "Device control"'],
    [[], 'ADMIN for "Remote access" and ADMIN for "Device control"'],
  ])('is refused with %j', async (roles, words) => {
    const refusal = `forbidden: You need the permission ${words}.`;
    await expect(outcome({ roles }, 'configure')).resolves.toBe(refusal);
  });

  it.each([
    ['OPERATION:*:ADMIN', '1001', 'admitted'],
    ['*:*:*', '1001', 'admitted'],
    ['OPERATION:*:READ', '1001', 'forbidden'],
    ['OPERATION:c8y_Restart:ADMIN', '1001', 'forbidden'],
    ['OPERATION:*:ADMIN', '1002', 'forbidden'],
  ])('with %s on device %s only is %s', async (permission, device, expected) => {
    const world = { roles: [ADMIN], devicePermissions: { [device]: [permission] } };
    await expect(outcome(world, 'configure')).resolves.toMatch(expected);
  });
});

describe('a caller', () => {
  it('without credentials is refused without asking the platform', async () => {
    const answer = await policyIn({}).caller(undefined);
    expect(answer).toMatchObject({ code: 'unauthenticated' });
  });

  it('is the user, and the device, that the platform reports', async () => {
    const answer = await policyIn({ roles: ['ROLE_DEVICE'] }).caller(credentials);
    expect(answer).toMatchObject({ tenant: 't1001', userName: 'user', isDevice: true });
  });

  it('of a tenant that is not subscribed is refused', async () => {
    const refusal = 'forbidden: Your tenant is not subscribed to remote access.';
    await expect(outcome({ roles: [READ], subscribed: false }, 'read')).resolves.toBe(refusal);
  });

  it.each(['unauthenticated', 'platform-timeout', 'platform-failed'] as const)(
    'is refused as the platform did: %s',
    async code => {
      const user = (): Promise<never> => Promise.reject(new RemoteAccessError(code));
      await expect(outcome({ user }, 'read')).resolves.toMatch(code);
    },
  );

  it('is not hidden behind a refusal if something unexpected fails', async () => {
    const user = (): Promise<never> => Promise.reject(new TypeError('a bug'));
    await expect(policyIn({ user }).caller(credentials)).rejects.toThrow('a bug');
  });
});

describe('a device', () => {
  it.each(['absent', 'forbidden'])(
    'that is %s for the caller is reported as missing',
    async how => {
      const managedObject = (): Promise<undefined> =>
        how === 'absent'
          ? Promise.resolve(undefined)
          : Promise.reject(new RemoteAccessError('forbidden', { detail: 'No access to 1001' }));
      await expect(outcome({ roles: [READ], managedObject }, 'read')).resolves.toBe(
        'device-not-found: The device does not exist, or you do not have access to it.',
      );
    },
  );

  it('is not waited for, and not told of, if the caller may see none', async () => {
    const never = new Promise<undefined>(() => undefined);
    const failed = Promise.reject(new RemoteAccessError('platform-failed'));
    for (const answer of [never, failed]) {
      await expect(outcome({ managedObject: () => answer }, 'read')).resolves.toMatch(/^forbidden/);
    }
  });

  it('is not asked for after too many failed sign-ins', async () => {
    const user = jest.fn(() => Promise.reject(new RemoteAccessError('unauthenticated')));
    const managedObject = jest.fn(() => Promise.resolve(undefined));
    const policy = policyIn({ user, managedObject });
    for (let attempt = 0; attempt < 50; attempt += 1) {
      await policy.authorize(credentials, '1001', 'read');
    }
    expect(user.mock.calls.length).toBeLessThan(50);
    expect(managedObject).toHaveBeenCalledTimes(user.mock.calls.length);
  });
});
