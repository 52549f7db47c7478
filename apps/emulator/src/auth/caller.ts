/** A person, a device or a microservice. */
export interface User {
  /** The user name, unique in its tenant. */
  readonly id: string;
  readonly displayName: string;
  /** Role names such as `ROLE_INVENTORY_READ`. */
  readonly effectiveRoles: ReadonlySet<string>;
  /**
   * Permissions on individual objects, by managed object id: `SCOPE:fragment:LEVEL`, for example
   * `OPERATION:*:ADMIN` (inventory roles, cumulocity.com/docs, "Managing permissions").
   */
  readonly devicePermissions: Readonly<Record<string, readonly string[]>>;
  readonly isDevice: boolean;
  /** The service user or the bootstrap user of a microservice. */
  readonly isService: boolean;
}

/** An authenticated user. */
export interface Caller {
  readonly tenant: string;
  readonly user: User;
  readonly via: 'basic' | 'cookie' | 'bearer';
}
