import { mayAccess, mayAccessObject } from '../auth/device-access';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import type { ExternalId } from '../store/tenant';
import { answers, type Call, type Outcome, type Route } from '../rest/call';
import { pageOf } from '../rest/collection-query';

/** External ids of devices, looked up in both directions. */
export const identityRoutes: readonly Route[] = [
  { method: 'GET', path: '/identity/externalIds/:type/:externalId', handle: getByExternalId },
  { method: 'DELETE', path: '/identity/externalIds/:type/:externalId', handle: remove },
  { method: 'GET', path: '/identity/globalIds/:id/externalIds', handle: listOfObject },
  { method: 'POST', path: '/identity/globalIds/:id/externalIds', handle: create },
];

function getByExternalId(call: Call): Outcome {
  const found = find(call);
  if (!found) return notFound(call);
  if (!mayRead(call, found.managedObjectId)) return refusals.forbidden();
  return answers.ok(present(call, found));
}

function remove(call: Call): Outcome {
  const found = find(call);
  if (!found) return notFound(call);
  if (!mayChange(call, found.managedObjectId)) return refusals.forbidden();
  call.tenant.externalIds.delete(found.id);
  return answers.noContent();
}

function listOfObject(call: Call): Outcome {
  const id = call.params['id']!;
  if (!call.tenant.managedObjects.get(id)) return refusals.noManagedObject(id);
  if (!mayRead(call, id)) return refusals.forbidden();
  const page = pageOf(
    call.tenant.externalIds.list().filter(one => one.managedObjectId === id),
    call,
  );
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({ externalIds: page.items.map(one => present(call, one)), ...page.frame });
}

function create(call: Call): Outcome {
  const id = call.params['id']!;
  const { type, externalId } = call.body;
  if (!call.tenant.managedObjects.get(id)) return refusals.noManagedObject(id);
  if (!mayChange(call, id)) return refusals.forbidden();
  if (typeof type !== 'string' || typeof externalId !== 'string' || !type || !externalId) {
    return refusals.invalid('identity', 'type and externalId are mandatory and must be strings');
  }
  const key = `${type}:${externalId}`;
  if (call.tenant.externalIds.get(key)) {
    return new PlatformRefusal(409, 'identity/Conflict', `External id '${key}' already exists`);
  }
  const created = call.tenant.externalIds.put({ id: key, type, externalId, managedObjectId: id });
  const body = present(call, created);
  return answers.created(body, body.self);
}

function find(call: Call): ExternalId | undefined {
  return call.tenant.externalIds.get(`${call.params['type']}:${call.params['externalId']}`);
}

function notFound(call: Call): PlatformRefusal {
  const { type, externalId } = call.params;
  return refusals.notFound(
    'identity',
    `External id not found; external id = ID [type=${type}, value=${externalId}]`,
  );
}

function mayRead(call: Call, objectId: string): boolean {
  return may(call, objectId, 'READ');
}

function mayChange(call: Call, objectId: string): boolean {
  return may(call, objectId, 'ADMIN');
}

function may({ user, tenant, platform }: Call, objectId: string, level: 'READ' | 'ADMIN'): boolean {
  const has = platform.strictRoles ? mayAccessObject : mayAccess;
  return (
    user.effectiveRoles.has(`ROLE_IDENTITY_${level}`) ||
    has(user, tenant, objectId, 'MANAGED_OBJECT', level)
  );
}

function present(call: Call, { type, externalId, managedObjectId }: ExternalId) {
  const path = `${encodeURIComponent(type)}/${encodeURIComponent(externalId)}`;
  return {
    type,
    externalId,
    managedObject: {
      id: managedObjectId,
      self: `${call.origin}/inventory/managedObjects/${managedObjectId}`,
    },
    self: `${call.origin}/identity/externalIds/${path}`,
  };
}
