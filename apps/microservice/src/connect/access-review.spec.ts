import { BlockList } from 'node:net';
import { RemoteAccessError, type Endpoint, type ErrorCode } from '@remote-access/contracts';
import type { PlatformUser } from '@remote-access/contracts/platform';
import { AccessPolicy, type GatewayAccess } from '../access/access-policy';
import type { TenantDirectory } from '../platform/tenant-directory';
import type { Log } from '../logging/log';
import type { Cumulocity } from '../platform/cumulocity';
import type { SessionEnd } from '../sessions/session-end';
import type { ShownRights } from '../access/caller';
import { AccessReview } from './access-review';
import type { ConnectGrant, ConnectPolicy } from './connect-policy';
import { FailedSignIns } from '../access/guess-limits';

/** How far the platform's clock is ahead of the machine's. */
let clockOffsetMs = 0;
afterEach(() => (clockOffsetMs = 0));

const ENDPOINT = { id: '1', name: 'A', hostname: 'h', port: 1, protocol: 'VNC' } as Endpoint;

const RIGHTS = { operate: ['role'], see: ['role'] };

function grantOf(
  endpoint: Partial<Endpoint> = {},
  canExpire = true,
  rights: Partial<ShownRights> = {},
): ConnectGrant {
  return {
    caller: { tenant: 't1', userName: 'ana' },
    credentials: { canExpire, expiresAtMs: Date.now() - 1 },
    gateway: { id: '7' },
    endpoint: { ...ENDPOINT, ...endpoint },
    rights: { ...RIGHTS, ...rights },
  } as unknown as ConnectGrant;
}

function review(
  decided: ConnectGrant | ErrorCode | Error,
  user?: PlatformUser | Error,
): (grant: ConnectGrant) => Promise<SessionEnd | undefined> {
  const decide = (): Promise<unknown> =>
    decided instanceof Error
      ? Promise.reject(decided)
      : Promise.resolve(typeof decided === 'string' ? new RemoteAccessError(decided) : decided);
  const userOf = (): Promise<unknown> =>
    user instanceof Error ? Promise.reject(user) : Promise.resolve(user);
  const managedObject = (): Promise<unknown> => Promise.resolve({ id: '7' });
  const now = (): number => Date.now() + clockOffsetMs;
  const cumulocity = { asService: () => ({ user: userOf, managedObject }), now };
  const log = { warn: () => undefined };
  const access = new AccessPolicy(
    cumulocity as unknown as Cumulocity,
    {} as TenantDirectory,
    new FailedSignIns({ trustedProxies: new BlockList() }),
  );
  // The service user's view of a device whose endpoint is unchanged.
  const decideOn = ({ caller, gateway }: GatewayAccess): Promise<unknown> =>
    Promise.resolve({ endpoint: ENDPOINT, rights: access.shownRights(caller, gateway) });
  const accessReview = new AccessReview(
    { decide, decideOn } as unknown as ConnectPolicy,
    access,
    cumulocity as unknown as Cumulocity,
    log as unknown as Log,
  );
  return grant => accessReview.reasonToEnd(grant, grant.credentials);
}

const roles = (...names: string[]) => ({ references: names.map(name => ({ role: { name } })) });
const READ = 'ROLE_REMOTE_ACCESS_READ';
const OPERATE = 'ROLE_DEVICE_CONTROL_ADMIN';
const SEE = 'ROLE_INVENTORY_READ';
const ALL = [READ, OPERATE, SEE];

describe('a session continues', () => {
  it.each([
    ['while nothing has changed', {}],
    ['when the endpoint is renamed', { name: 'B' }],
    ['when a view-only endpoint becomes usable', { viewOnly: false }],
  ])('%s', async (_when, change) => {
    const before = grantOf({ viewOnly: true });
    const after = grantOf({ viewOnly: true, ...change });
    expect(await review(after)(before)).toBeUndefined();
  });

  it.each(['platform-failed', 'platform-timeout', 'internal'] as const)(
    'when the platform does not answer (%s)',
    async code => {
      expect(await review(code)(grantOf())).toBeUndefined();
    },
  );

  it('when the review fails unexpectedly', async () => {
    expect(await review(new Error('?'))(grantOf())).toBeUndefined();
    const unseen = review('unauthenticated', new Error('?'));
    expect(await unseen(grantOf())).toBeUndefined();
  });

  it.each<PlatformUser>([
    { userName: 'ana', enabled: true, roles: roles(...ALL), groups: { references: [] } },
    {
      userName: 'ana',
      groups: { references: [{ group: { roles: roles(...ALL) } }] },
      roles: roles(),
    },
    { userName: 'ana', roles: roles('ROLE_REMOTE_ACCESS_ADMIN', OPERATE, SEE) },
    {
      userName: 'ana',
      roles: roles(READ),
      devicePermissions: { '7': ['OPERATION:*:ADMIN', 'MANAGED_OBJECT:*:READ'] },
    },
    // Groups without their roles: the role may come from one of them.
    { userName: 'ana', roles: roles(), groups: { references: [{ group: {} }] } },
  ])('when only its token has expired, %#', async user => {
    expect(await review('unauthenticated', user)(grantOf())).toBeUndefined();
  });
});

describe('rights', () => {
  it.each<[string, Partial<ShownRights>, Partial<ShownRights>]>([
    ['were never shown, such as those of groups', { operate: [] }, { operate: [] }],
    ['now come from the device', { operate: ['role'] }, { operate: ['7'] }],
    ['come from a parent device', { operate: ['5', '6'] }, { operate: ['6'] }],
  ])('that %s do not end a session', async (_what, before, after) => {
    expect(await review(grantOf({}, true, after))(grantOf({}, true, before))).toBeUndefined();
  });
});

describe('a session ends', () => {
  it.each([{ hostname: 'g' }, { port: 2 }, { protocol: 'SSH' } as const, { viewOnly: true }])(
    'when its endpoint changes to %j',
    async change => {
      const end = await review(grantOf(change))(grantOf());
      expect(end).toMatchObject({ by: 'service', error: { code: 'endpoint-changed' } });
    },
  );

  it.each(['endpoint-not-found', 'device-not-found', 'remote-access-off'] as const)(
    'with the refusal %s',
    async code => {
      expect(await review(code)(grantOf())).toMatchObject({ error: { code } });
    },
  );

  it('when a role was revoked', async () => {
    expect(await review('forbidden')(grantOf())).toMatchObject({
      by: 'platform',
      error: { code: 'access-withdrawn' },
    });
  });

  it.each<[string, PlatformUser | undefined]>([
    ['is gone', undefined],
    ['is disabled', { userName: 'ana', enabled: false, roles: roles(READ) }],
    ['has lost the role for remote access', { userName: 'ana', roles: roles(OPERATE, SEE) }],
    ['has lost the role for operations', { userName: 'ana', roles: roles(READ, SEE) }],
    ['has lost the role for the inventory', { userName: 'ana', roles: roles(READ, OPERATE) }],
  ])('when its token has expired and the user %s', async (_what, user) => {
    const end = await review('unauthenticated', user)(grantOf());
    expect(end).toMatchObject({ by: 'platform', error: { code: 'access-withdrawn' } });
  });

  it.each([0, 7_200_000, -7_200_000])(
    'when its token is refused before it expires by the platform’s clock, %i ms ahead of ours',
    async offsetMs => {
      clockOffsetMs = offsetMs;
      const user = { userName: 'ana', enabled: true, roles: roles(...ALL) };
      const grant = grantOf();
      const reasonToEnd = (expiresAtMs: number): Promise<SessionEnd | undefined> => {
        const credentials = { canExpire: true, expiresAtMs };
        return review('unauthenticated', user)({ ...grant, credentials } as ConnectGrant);
      };
      const end = await reasonToEnd(Date.now() + offsetMs + 3_600_000);
      expect(end?.error?.message).toBe('You signed out, or your sign-in was revoked.');
      // By then it has expired, which says nothing about its user.
      expect(await reasonToEnd(Date.now() + offsetMs - 3_600_000)).toBeUndefined();
    },
  );

  it.each<[string, Partial<ShownRights>, Partial<ShownRights>]>([
    ['the role to create operations', {}, { operate: [] }],
    ['the right to create operations on this device', { operate: ['7'] }, { operate: ['8'] }],
    ['the right to see the device', { see: ['owner'] }, { see: [] }],
  ])('when its user has lost %s', async (_what, before, after) => {
    const end = await review(grantOf({}, true, after))(grantOf({}, true, before));
    expect(end).toMatchObject({ by: 'platform', error: { code: 'access-withdrawn' } });
  });

  it('when the password that started it is no longer valid', async () => {
    const user = { userName: 'ana', enabled: true, roles: roles(READ) };
    const end = await review('unauthenticated', user)(grantOf({}, false));
    expect(end).toMatchObject({ error: { code: 'access-withdrawn' } });
  });
});
