import { RemoteAccessError, type Endpoint, type ErrorCode } from '@remote-access/contracts';
import type { PlatformUser } from '@remote-access/contracts/platform';
import type { Log } from '../logging/log';
import type { Cumulocity } from '../platform/cumulocity';
import type { SessionEnd } from '../sessions/session-end';
import { AccessReview } from './access-review';
import type { ConnectGrant, ConnectPolicy } from './connect-policy';

const ENDPOINT = { id: '1', name: 'A', hostname: 'h', port: 1, protocol: 'VNC' } as Endpoint;

function grantOf(endpoint: Partial<Endpoint> = {}, canExpire = true): ConnectGrant {
  return {
    caller: { tenant: 't1', userName: 'ana' },
    credentials: { canExpire },
    gateway: { id: '7' },
    endpoint: { ...ENDPOINT, ...endpoint },
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
  const cumulocity = { asService: () => ({ user: userOf }) };
  const log = { warn: () => undefined };
  const accessReview = new AccessReview(
    { decide } as unknown as ConnectPolicy,
    cumulocity as unknown as Cumulocity,
    log as unknown as Log,
  );
  return grant => accessReview.reasonToEnd(grant, grant.credentials);
}

const roles = (...names: string[]) => ({ references: names.map(name => ({ role: { name } })) });
const READ = 'ROLE_REMOTE_ACCESS_READ';

describe('a session goes on', () => {
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
    { userName: 'ana', enabled: true, roles: roles(READ), groups: { references: [] } },
    {
      userName: 'ana',
      groups: { references: [{ group: { roles: roles(READ) } }] },
      roles: roles(),
    },
    { userName: 'ana', roles: roles('ROLE_REMOTE_ACCESS_ADMIN') },
    // Groups without their roles: the role may be in one of them.
    { userName: 'ana', roles: roles(), groups: { references: [{ group: {} }] } },
  ])('when only its token has expired, %#', async user => {
    expect(await review('unauthenticated', user)(grantOf())).toBeUndefined();
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

  it('when a role was taken away', async () => {
    expect(await review('forbidden')(grantOf())).toMatchObject({
      by: 'platform',
      error: { code: 'access-withdrawn' },
    });
  });

  it.each<[string, PlatformUser | undefined]>([
    ['is gone', undefined],
    ['is disabled', { userName: 'ana', enabled: false, roles: roles(READ) }],
    ['has lost the role', { userName: 'ana', roles: roles('ROLE_INVENTORY_READ') }],
  ])('when its token has expired and the user %s', async (_what, user) => {
    const end = await review('unauthenticated', user)(grantOf());
    expect(end).toMatchObject({ by: 'platform', error: { code: 'access-withdrawn' } });
  });

  it('when the password that started it is no longer valid', async () => {
    const user = { userName: 'ana', enabled: true, roles: roles(READ) };
    const end = await review('unauthenticated', user)(grantOf({}, false));
    expect(end).toMatchObject({ error: { code: 'access-withdrawn' } });
  });
});
