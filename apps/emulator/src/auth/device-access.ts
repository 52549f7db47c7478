import type { Tenant } from '../store/tenant';
import type { User } from './caller';

export type AccessScope = 'MANAGED_OBJECT' | 'OPERATION' | 'ALARM' | 'EVENT' | 'AUDIT';
export type AccessLevel = 'READ' | 'ADMIN';

const ROLE_STEMS: Readonly<Record<AccessScope, string>> = {
  MANAGED_OBJECT: 'ROLE_INVENTORY',
  OPERATION: 'ROLE_DEVICE_CONTROL',
  ALARM: 'ROLE_ALARM',
  EVENT: 'ROLE_EVENT',
  AUDIT: 'ROLE_AUDIT',
};

/** The global role that grants this level on all objects. */
export function roleFor(scope: AccessScope, level: AccessLevel): string {
  return `${ROLE_STEMS[scope]}_${level}`;
}

/**
 * Whether a user may read or change an object, or for example its operations: through a global
 * role, as the owner of the object or of one of its parent devices, or through an inventory role on
 * the object or on one of its ancestors.
 *
 * @param fragments the fragments of the object or operation, for permissions that name one
 */
export function mayAccess(
  user: User,
  tenant: Tenant,
  objectId: string,
  scope: AccessScope,
  level: AccessLevel,
  fragments: readonly string[] = [],
): boolean {
  return (
    user.effectiveRoles.has(roleFor(scope, level)) ||
    mayAccessObject(user, tenant, objectId, scope, level, fragments)
  );
}

/**
 * Like {@link mayAccess}, but without the global role: for external ids the documentation names
 * another one.
 */
export function mayAccessObject(
  user: User,
  tenant: Tenant,
  objectId: string,
  scope: AccessScope,
  level: AccessLevel,
  fragments: readonly string[] = [],
): boolean {
  if (owns(user, tenant, objectId)) return true;
  return tenant.hierarchy
    .selfAndAncestors(objectId)
    .flatMap(id => user.devicePermissions[id] ?? [])
    .some(permission => permits(permission, scope, level, fragments));
}

/** Whether a user owns the object or one of its device ancestors. */
export function owns(user: User, tenant: Tenant, objectId: string): boolean {
  return tenant.hierarchy
    .selfAndAncestors(objectId, 'childDevices')
    .some(id => tenant.managedObjects.get(id)?.owner === user.id);
}

function permits(
  permission: string,
  scope: AccessScope,
  level: AccessLevel,
  fragments: readonly string[],
): boolean {
  const [permittedScope, fragment, permittedLevel] = permission.split(':');
  return (
    (permittedScope === scope || permittedScope === '*') &&
    (fragment === '*' || (fragment !== undefined && fragments.includes(fragment))) &&
    (permittedLevel === level || permittedLevel === '*')
  );
}
