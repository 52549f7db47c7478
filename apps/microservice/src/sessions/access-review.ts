import { Injectable } from '@nestjs/common';
import {
  type Endpoint,
  isRefusal,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { grants, ROLES, rolesOf } from '@remote-access/contracts/platform';
import { Log } from '../logging/log';
import { Cumulocity } from '../platform/cumulocity';
import type { SessionGrant } from './connect-grant';
import { ConnectPermission } from './connect-permission';
import { endedBy, type SessionEnd } from './session-end';

const DISABLED = 'Your user was disabled or removed.';
const PASSWORD_CHANGED = 'Your password was changed, or your user was disabled or removed.';
const ROLE_TAKEN = 'You no longer have the permission READ for "Remote access".';

/** Makes the decision that let a session in once more, while it runs. */
@Injectable()
export class AccessReview {
  constructor(
    private readonly permission: ConnectPermission,
    private readonly cumulocity: Cumulocity,
    private readonly log: Log,
  ) {}

  /**
   * @returns why the session has to end; `undefined` when it may go on, also when the platform
   * does not tell: its outage must not end everybody's work
   */
  async verdict(grant: SessionGrant): Promise<SessionEnd | undefined> {
    const { credentials, gateway, endpoint } = grant;
    try {
      const again = await this.permission.decide(credentials, gateway.id, endpoint.id);
      if (!isRefusal(again)) return changeOf(endpoint, again.endpoint);
      return await this.endBy(again, grant);
    } catch (cause) {
      this.log.warn('A running session could not be reviewed', { deviceId: gateway.id, cause });
      return undefined;
    }
  }

  private async endBy(refusal: Refusal, grant: SessionGrant): Promise<SessionEnd | undefined> {
    switch (refusal.code) {
      case 'platform-failed':
      case 'platform-timeout':
      case 'internal':
        return undefined;
      case 'unauthenticated':
        return this.withoutCredentials(grant);
      case 'forbidden':
        return endedBy('platform', 'access-withdrawn', refusal.message);
      default:
        return { by: 'platform', error: refusal };
    }
  }

  /**
   * A token that has expired meanwhile says nothing against the user, who may have a fresh one:
   * what the service user can see of them decides.
   */
  private async withoutCredentials(grant: SessionGrant): Promise<SessionEnd | undefined> {
    const { caller, credentials } = grant;
    if (!credentials.canExpire) return endedBy('platform', 'access-withdrawn', PASSWORD_CHANGED);
    const platform = this.cumulocity.asService(caller.tenant);
    const user = await platform.user(caller.tenant, caller.userName);
    if (!user || user.enabled === false) return endedBy('platform', 'access-withdrawn', DISABLED);
    const roles = rolesOf(user);
    return roles && !grants(roles, ROLES.remoteAccessRead)
      ? endedBy('platform', 'access-withdrawn', ROLE_TAKEN)
      : undefined;
  }
}

/** Another place, or fewer rights there: what was decided then is not what would be done now. */
function changeOf(before: SessionGrant['endpoint'], after: Endpoint): SessionEnd | undefined {
  const moved =
    before.hostname !== after.hostname ||
    before.port !== after.port ||
    before.protocol !== after.protocol;
  const onlyToLookAt = after.viewOnly === true && before.viewOnly !== true;
  return moved || onlyToLookAt
    ? { by: 'service', error: new RemoteAccessError('endpoint-changed') }
    : undefined;
}
