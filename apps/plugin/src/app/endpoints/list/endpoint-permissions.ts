import {
  CONFIGURE_ROLES,
  CONNECT_ROLES,
  missingRoles,
  ROLES,
} from '@remote-access/contracts/platform';
import type { UserPermissions } from '../../host/page-context';
import { gettext, type Message } from '../../ui/message';

/** What a user may do with endpoints, as far as the page can tell; see {@link missingRoles}. */
export class EndpointPermissions {
  readonly missingToConnect: readonly string[];
  readonly missingToConfigure: readonly string[];

  constructor({ roles, devicePermissions }: UserPermissions) {
    this.missingToConnect = missingRoles(roles, devicePermissions, CONNECT_ROLES);
    this.missingToConfigure = missingRoles(roles, devicePermissions, CONFIGURE_ROLES);
  }

  /** Without this role the service answers every request with 403. */
  get maySeeEndpoints(): boolean {
    return !this.missingToConnect.includes(ROLES.remoteAccessRead);
  }

  get mayConfigure(): boolean {
    return this.missingToConfigure.length === 0;
  }

  /** The message for a user who can see the endpoints but may not connect to them. */
  get restrictionToConnect(): Message | undefined {
    if (!this.maySeeEndpoints || this.missingToConnect.length === 0) return undefined;
    return {
      text: gettext(
        'To connect, you need {{ permissions }}, for all devices or for this one. Ask your administrator.',
      ),
      values: { permissions: permissions(this.missingToConnect) },
    };
  }

  /** The message for a user who can see the endpoints but may not change them. */
  get restrictionToConfigure(): Message | undefined {
    if (!this.maySeeEndpoints || this.mayConfigure) return undefined;
    return {
      text: gettext(
        'To add, edit or remove endpoints, you need {{ permissions }}. Ask your administrator.',
      ),
      values: { permissions: permissions(this.missingToConfigure) },
    };
  }

  /** The message for a user who may not see the endpoints. */
  get missingMessage(): Message {
    return {
      text: gettext(
        'To see and connect to endpoints, you need {{ permissions }}. Ask your administrator.',
      ),
      values: { permissions: permissions(this.missingToConnect) },
    };
  }
}

function permissions(roles: readonly string[]): string[] {
  return roles.map(role => PERMISSIONS[role] ?? role);
}

/** Permissions under the platform's names, as the service names them in refusals. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  [ROLES.remoteAccessAdmin]: gettext('ADMIN for "Remote access"'),
  [ROLES.remoteAccessRead]: gettext('READ for "Remote access"'),
  [ROLES.deviceControlAdmin]: gettext('ADMIN for "Device control"'),
};
