import { Injectable } from '@nestjs/common';
import {
  type Endpoint,
  isRefusal,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { grants, ROLES, rolesOf } from '@remote-access/contracts/platform';
import { Log } from '../logging/log';
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import type { SessionSubject } from '../sessions/session';
import { endedBy, type SessionEnd } from '../sessions/session-end';
import { ConnectPolicy } from './connect-policy';

const DISABLED = 'Your user was disabled or removed.';
const PASSWORD_CHANGED = 'Your password was changed, or your user was disabled or removed.';
const ROLE_TAKEN = 'You no longer have the permission READ for "Remote access".';

/** Repeats the decision of {@link ConnectPolicy} for a running session. */
@Injectable()
export class AccessReview {
  constructor(
    private readonly policy: ConnectPolicy,
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
  ) {}

  /**
   * @returns why the session has to end; `undefined` if it may go on. It goes on while the platform
   * does not answer: an outage of the platform must not end everybody's work.
   */
  async reasonToEnd(
    subject: SessionSubject,
    credentials: CallerCredentials,
  ): Promise<SessionEnd | undefined> {
    const { gateway, endpoint } = subject;
    try {
      const again = await this.policy.decide(credentials, gateway.id, endpoint.id);
      if (!isRefusal(again)) return changeOf(endpoint, again.endpoint);
      return await this.endBy(again, subject, credentials);
    } catch (cause) {
      this.log.warn('A running session could not be reviewed', { deviceId: gateway.id, cause });
      return undefined;
    }
  }

  private async endBy(
    refusal: Refusal,
    subject: SessionSubject,
    credentials: CallerCredentials,
  ): Promise<SessionEnd | undefined> {
    switch (refusal.code) {
      case 'platform-failed':
      case 'platform-timeout':
      case 'internal':
        return undefined;
      case 'unauthenticated':
        return credentials.canExpire
          ? this.withExpiredToken(subject)
          : endedBy('platform', 'access-withdrawn', PASSWORD_CHANGED);
      case 'forbidden':
        return endedBy('platform', 'access-withdrawn', refusal.message);
      default:
        return { by: 'platform', error: refusal };
    }
  }

  /**
   * A token that has expired meanwhile says nothing about the user, who may have a fresh one: what
   * the service user can see of the user decides.
   */
  private async withExpiredToken({ caller }: SessionSubject): Promise<SessionEnd | undefined> {
    const platform = this.cumulocity.asService(caller.tenant);
    const user = await platform.user(caller.tenant, caller.userName);
    if (!user || user.enabled === false) return endedBy('platform', 'access-withdrawn', DISABLED);
    const roles = rolesOf(user);
    return roles && !grants(roles, ROLES.remoteAccessRead)
      ? endedBy('platform', 'access-withdrawn', ROLE_TAKEN)
      : undefined;
  }
}

/** Ends a session whose endpoint now leads elsewhere, or allows less. */
function changeOf(before: SessionSubject['endpoint'], after: Endpoint): SessionEnd | undefined {
  const hasMoved =
    before.hostname !== after.hostname ||
    before.port !== after.port ||
    before.protocol !== after.protocol;
  const isViewOnlyNow = after.viewOnly === true && before.viewOnly !== true;
  return hasMoved || isViewOnlyNow
    ? { by: 'service', error: new RemoteAccessError('endpoint-changed') }
    : undefined;
}
