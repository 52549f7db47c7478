/** A user as the store keeps it. */
export interface Account {
  /** The user name. */
  id: string;
  displayName: string;
  email?: string;
  password: string;
  kind: 'human' | 'device' | 'service' | 'bootstrap';
  enabled: boolean;
  /** Role names. */
  roles: string[];
  /** Managed object id → `SCOPE:fragment:LEVEL`. */
  devicePermissions: Record<string, string[]>;
  /** The microservice that a service or bootstrap user belongs to. */
  application?: string;
}
