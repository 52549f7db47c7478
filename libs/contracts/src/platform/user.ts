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

/** The permissions that remote access knows, by the names the platform gives them. */
export const ROLES = {
  remoteAccessAdmin: 'ROLE_REMOTE_ACCESS_ADMIN',
  remoteAccessRead: 'ROLE_REMOTE_ACCESS_READ',
  deviceControlAdmin: 'ROLE_DEVICE_CONTROL_ADMIN',
  deviceControlRead: 'ROLE_DEVICE_CONTROL_READ',
  inventoryRead: 'ROLE_INVENTORY_READ',
  inventoryAdmin: 'ROLE_INVENTORY_ADMIN',
  optionAdmin: 'ROLE_OPTION_MANAGEMENT_ADMIN',
  device: 'ROLE_DEVICE',
} as const;

/** A permission as the UI words it: "ADMIN for Remote access". */
export const ROLE_WORDS: Readonly<Record<string, string>> = {
  [ROLES.remoteAccessAdmin]: 'ADMIN for "Remote access"',
  [ROLES.remoteAccessRead]: 'READ for "Remote access"',
  [ROLES.deviceControlAdmin]: 'ADMIN for "Device control"',
  [ROLES.inventoryRead]: 'READ for "Inventory"',
  [ROLES.optionAdmin]: 'ADMIN for "Option management"',
};

/** Whether a set of roles grants one, with ADMIN of remote access implying READ. */
export function grants(roles: ReadonlySet<string>, role: string): boolean {
  return roles.has(role) || (role === ROLES.remoteAccessRead && roles.has(ROLES.remoteAccessAdmin));
}

/** The roles that seeing and connecting to endpoints takes. */
export const CONNECT_ROLES = [ROLES.remoteAccessRead, ROLES.deviceControlAdmin] as const;
/** The roles that adding, changing and removing endpoints takes. */
export const CONFIGURE_ROLES = [ROLES.remoteAccessAdmin, ROLES.deviceControlAdmin] as const;
