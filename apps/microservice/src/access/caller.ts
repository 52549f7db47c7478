import type { DeviceId, TenantId } from '@remote-access/contracts';
import type { CurrentUser } from '@remote-access/contracts/platform';

/** The user on whose behalf something is done and recorded. */
export type CallerIdentity = Pick<Caller, 'tenant' | 'userName'>;

/** The user who sent a request, as the platform reports it for the request's credentials. */
export interface Caller {
  readonly tenant: TenantId;
  readonly userName: string;
  /** Names of the effective roles, such as `ROLE_REMOTE_ACCESS_READ`. */
  readonly roles: ReadonlySet<string>;
  /** Permissions on individual devices, by device id, for example `OPERATION:*:ADMIN`. */
  readonly devicePermissions: NonNullable<CurrentUser['devicePermissions']>;
  /** Whether the caller is a device rather than a person. */
  readonly isDevice: boolean;
  /** The device of this request, if the right to operate it comes from a group of devices. */
  readonly operatesByGroup?: DeviceId;
}

/**
 * Where the rights needed for connecting come from: `role`, `owner`, or the ids of devices on which
 * an inventory role grants them. Empty if the platform does not reveal it, as with inventory roles
 * on groups; then only the platform can decide.
 */
export interface ShownRights {
  readonly operate: readonly string[];
  readonly see: readonly string[];
}
