import type { TenantId } from '@remote-access/contracts';
import type { CurrentUser } from '@remote-access/contracts/platform';

/** Who somebody is, without what they may: in whose name something is done and written down. */
export type CallerIdentity = Pick<Caller, 'tenant' | 'userName'>;

/** Who calls, as the platform told for the credentials of this request. */
export interface Caller {
  readonly tenant: TenantId;
  readonly userName: string;
  /** Names of the effective roles, such as `ROLE_REMOTE_ACCESS_READ`. */
  readonly roles: ReadonlySet<string>;
  /** Permissions on single devices, by device id: `OPERATION:*:ADMIN`. */
  readonly devicePermissions: NonNullable<CurrentUser['devicePermissions']>;
  /** A gateway or an agent, no human being. */
  readonly isDevice: boolean;
}
