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

/** `GET /application/currentApplication/subscriptions`, for the bootstrap user. */
export interface Subscriptions {
  users: { tenant: string; name: string; password: string }[];
}
