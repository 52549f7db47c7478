import type { DeviceId, TenantId } from '@remote-access/contracts';
import type { CurrentUser } from '@remote-access/contracts/platform';

/** In whose name something is done and recorded. */
export type CallerIdentity = Pick<Caller, 'tenant' | 'userName'>;

/** The user who sent a request, as the platform reports it for the request's credentials. */
export interface Caller {
  readonly tenant: TenantId;
  readonly userName: string;
  /** Names of the effective roles, such as `ROLE_REMOTE_ACCESS_READ`. */
  readonly roles: ReadonlySet<string>;
  /** Permissions on single devices, by device id: `OPERATION:*:ADMIN`. */
  readonly devicePermissions: NonNullable<CurrentUser['devicePermissions']>;
  /** Whether it is a gateway, not a human. */
  readonly isDevice: boolean;
  /** The device of this request, if a group of devices gives the right to operate it. */
  readonly operatesByGroup?: DeviceId;
}

/**
 * Where the rights that connecting takes come from: `role`, `owner`, or ids of devices on which an
 * inventory role grants them. Empty if the platform does not show it, as for inventory roles of
 * groups; then only the platform can judge.
 */
export interface ShownRights {
  readonly operate: readonly string[];
  readonly see: readonly string[];
}
