export interface PlatformRole {
  id: string;
  name: string;
  self?: string;
}

/** The fields of `GET /user/currentUser` that remote access uses. */
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

/** The fields of `GET /user/{tenant}/users/{userName}` that remote access uses. */
export interface PlatformUser {
  userName: string;
  enabled?: boolean;
  devicePermissions?: CurrentUser['devicePermissions'];
  roles?: RoleReferences;
  groups?: { references?: { group?: { roles?: RoleReferences } }[] };
}

/**
 * The roles of a user, including those of the user's groups.
 * @returns `undefined` if the response lacks the roles of a group
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

/** The platform's roles that remote access uses. */
export const ROLES = {
  remoteAccessAdmin: 'ROLE_REMOTE_ACCESS_ADMIN',
  remoteAccessRead: 'ROLE_REMOTE_ACCESS_READ',
  deviceControlAdmin: 'ROLE_DEVICE_CONTROL_ADMIN',
  deviceControlRead: 'ROLE_DEVICE_CONTROL_READ',
  inventoryRead: 'ROLE_INVENTORY_READ',
  inventoryAdmin: 'ROLE_INVENTORY_ADMIN',
  optionAdmin: 'ROLE_OPTION_MANAGEMENT_ADMIN',
  ownUserRead: 'ROLE_USER_MANAGEMENT_OWN_READ',
  device: 'ROLE_DEVICE',
} as const;

/** Roles under the names that the platform's UI gives the permissions. */
export const ROLE_WORDS: Readonly<Record<string, string>> = {
  [ROLES.remoteAccessAdmin]: 'ADMIN for "Remote access"',
  [ROLES.remoteAccessRead]: 'READ for "Remote access"',
  [ROLES.deviceControlAdmin]: 'ADMIN for "Device control"',
  [ROLES.inventoryRead]: 'READ for "Inventory"',
  [ROLES.optionAdmin]: 'ADMIN for "Option management"',
  [ROLES.ownUserRead]: 'READ for "Own user management"',
};

/** Whether a set of roles includes one. ADMIN for remote access implies READ. */
export function grants(roles: ReadonlySet<string>, role: string): boolean {
  return roles.has(role) || (role === ROLES.remoteAccessRead && roles.has(ROLES.remoteAccessAdmin));
}

/** `SCOPE:fragment:permission`, with `*` for any. */
const CONTROLS = /^(\*|OPERATION):(\*|c8y_RemoteAccessConnect):(\*|ADMIN)$/;

/**
 * The required roles that a user lacks, as far as a client can tell: the service decides on each
 * request. Any permission on an individual object counts here, because the object may be a group
 * that contains the device.
 */
export function missingRoles(
  held: Iterable<string>,
  devicePermissions: Readonly<Record<string, readonly string[]>>,
  required: readonly string[],
): string[] {
  const roles = new Set(held);
  const controls = Object.values(devicePermissions)
    .flat()
    .some(one => CONTROLS.test(one));
  if (controls) roles.add(ROLES.deviceControlAdmin);
  return required.filter(role => !grants(roles, role));
}

/** The roles required to see endpoints and to connect to them. */
export const CONNECT_ROLES = [ROLES.remoteAccessRead, ROLES.deviceControlAdmin] as const;
/** The roles required to add, change and remove endpoints. */
export const CONFIGURE_ROLES = [ROLES.remoteAccessAdmin, ROLES.deviceControlAdmin] as const;
