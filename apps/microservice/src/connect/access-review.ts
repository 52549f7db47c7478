import { Injectable } from '@nestjs/common';
import {
  type Endpoint,
  isOutage,
  isRefusal,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { rolesOf } from '@remote-access/contracts/platform';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { Gateway } from '../access/gateway';
import { Log } from '../logging/log';
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import type { SessionSubject } from '../sessions/session-plan';
import { endedBy, type SessionEnd } from '../sessions/session-end';
import { type ConnectGrant, ConnectPolicy } from './connect-policy';

const DISABLED = 'Your user was disabled or removed.';
const PASSWORD_CHANGED = 'Your password was changed, or your user was disabled or removed.';
const SIGNED_OUT = 'You signed out, or your sign-in was revoked.';

/** How far the clocks of the platform and of whoever issued the token may differ. */
const CLOCK_SKEW_MS = 30_000;

/** Repeats the decision of {@link ConnectPolicy} for a running session. */
@Injectable()
export class AccessReview {
  constructor(
    private readonly policy: ConnectPolicy,
    private readonly access: AccessPolicy,
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
  ) {}

  /**
   * @returns why the session must end; `undefined` if it may continue. It also continues while the
   *   platform does not answer: an outage of the platform must not end everybody's sessions.
   */
  async reasonToEnd(
    subject: SessionSubject,
    credentials: CallerCredentials,
  ): Promise<SessionEnd | undefined> {
    const { gateway, endpoint } = subject;
    try {
      const again = await this.policy.decide(credentials, gateway.id, endpoint.id);
      if (!isRefusal(again)) return this.changeOf(subject, again);
      return again.code === 'unauthenticated'
        ? await this.withRefusedCredentials(subject, credentials)
        : endBy(again);
    } catch (cause) {
      this.log.warn('A running session could not be reviewed', { deviceId: gateway.id, cause });
      return undefined;
    }
  }

  /**
   * A refused password has been changed. A token refused before its expiry has been revoked by
   * signing out. An expired token says nothing about the user, who may have a new one, so the
   * service user repeats every check that opening the session required.
   */
  private async withRefusedCredentials(
    subject: SessionSubject,
    credentials: CallerCredentials,
  ): Promise<SessionEnd | undefined> {
    if (!credentials.canExpire) return withdrawn(PASSWORD_CHANGED);
    const { caller, gateway, endpoint } = subject;
    const platform = this.cumulocity.asService(caller.tenant);
    const user = await platform.user(caller.tenant, caller.userName);
    if (!user || user.enabled === false) return withdrawn(DISABLED);
    const { expiresAtMs } = credentials;
    if (expiresAtMs !== undefined && this.cumulocity.now() < expiresAtMs - CLOCK_SKEW_MS) {
      return withdrawn(SIGNED_OUT);
    }

    const managedObject = await platform.managedObject(gateway.id);
    if (!managedObject) return endBy(new RemoteAccessError('device-not-found'));
    const roles = rolesOf(user);
    const current: Caller = {
      ...caller,
      roles: roles ?? new Set(),
      devicePermissions: user.devicePermissions ?? {},
      isDevice: false,
    };
    const refusal = roles && this.access.mayRead(current);
    if (refusal) return endBy(refusal);
    const access = { caller: current, gateway: new Gateway(managedObject) };
    const again = await this.policy.decideOn(access, endpoint.id);
    if (isRefusal(again)) return endBy(again);
    // Rights cannot be judged if the platform does not reveal the roles of the user's groups.
    return this.changeOf(subject, roles ? again : { ...again, rights: subject.rights });
  }

  /**
   * The reason to end a session whose user lost a right, or whose endpoint now leads elsewhere or
   * allows less.
   */
  changeOf(
    { gateway, endpoint: before, rights }: SessionSubject,
    now: Pick<ConnectGrant, 'endpoint' | 'rights'>,
  ): SessionEnd | undefined {
    const lost = this.access.lostRights(rights, now.rights, gateway.id);
    if (lost) return endBy(lost);
    return isOtherTarget(before, now.endpoint)
      ? { by: 'service', error: new RemoteAccessError('endpoint-changed') }
      : undefined;
  }
}

function isOtherTarget(before: SessionSubject['endpoint'], after: Endpoint): boolean {
  return (
    before.hostname !== after.hostname ||
    before.port !== after.port ||
    before.protocol !== after.protocol ||
    (after.viewOnly === true && before.viewOnly !== true)
  );
}

function endBy(refusal: Refusal): SessionEnd | undefined {
  if (isOutage(refusal)) return undefined;
  if (refusal.code === 'forbidden') return withdrawn(refusal.message);
  return { by: 'platform', error: refusal };
}

function withdrawn(why: string): SessionEnd {
  return endedBy('platform', 'access-withdrawn', why);
}
