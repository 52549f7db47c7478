export interface PlatformRole {
  id: string;
  name: string;
  self?: string;
}

/** `GET /user/currentUser`, as far as remote access reads it. */
export interface CurrentUser {
  id: string;
  userName: string;
  displayName?: string;
  effectiveRoles: PlatformRole[];
  devicePermissions?: Readonly<Record<string, string[]>>;
}

interface RoleReferences {
  references?: { role?: { name?: string } }[];
}

/** `GET /user/{tenant}/users/{userName}`, as far as remote access reads it. */
export interface PlatformUser {
  userName: string;
  enabled?: boolean;
  roles?: RoleReferences;
  groups?: { references?: { group?: { roles?: RoleReferences } }[] };
}

/**
 * The roles that a user has directly and by groups.
 * @returns `undefined` where a group comes without its roles: then nobody knows
 */
export function rolesOf({ roles, groups }: PlatformUser): ReadonlySet<string> | undefined {
  const lists = [roles, ...(groups?.references ?? []).map(({ group }) => group?.roles)];
  const known = lists.map(list => list?.references);
  if (known.includes(undefined)) return undefined;
  return new Set(known.flatMap(list => list!.map(({ role }) => role?.name ?? '')));
}

/** `GET /application/currentApplication/subscriptions`, for the bootstrap user. */
export interface Subscriptions {
  users: { tenant: string; name: string; password: string }[];
}
