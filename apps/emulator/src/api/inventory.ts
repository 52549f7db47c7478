import type { ManagedObject } from '@remote-access/contracts/platform';
import { mayAccess } from '../auth/device-access';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import { answers, type Call, type JsonObject, type Outcome, type Route } from '../rest/call';
import { presentObject } from './managed-object-representation';
import { findObjects } from './inventory-search';
import { pageOf } from '../rest/collection-query';

/** Managed objects: devices, groups, dashboards and anything else with fragments. */
export const inventoryRoutes: readonly Route[] = [
  { method: 'GET', path: '/inventory/managedObjects', handle: list },
  {
    method: 'POST',
    path: '/inventory/managedObjects',
    roles: ['ROLE_INVENTORY_ADMIN', 'ROLE_INVENTORY_CREATE', 'ROLE_DEVICE'],
    documentedRoles: ['ROLE_INVENTORY_ADMIN', 'ROLE_INVENTORY_CREATE'],
    handle: create,
  },
  { method: 'GET', path: '/inventory/managedObjects/count', handle: count },
  { method: 'GET', path: '/inventory/managedObjects/:id', handle: get },
  { method: 'PUT', path: '/inventory/managedObjects/:id', handle: update },
  { method: 'DELETE', path: '/inventory/managedObjects/:id', handle: remove },
  {
    method: 'GET',
    path: '/inventory/managedObjects/:id/supportedMeasurements',
    handle: supportedMeasurements,
  },
  { method: 'GET', path: '/inventory/managedObjects/:id/supportedSeries', handle: supportedSeries },
];

/** Set by the platform and ignored in request bodies. */
const READ_ONLY_FIELDS = new Set([
  'id',
  'self',
  'creationTime',
  'lastUpdated',
  'childDevices',
  'childAssets',
  'childAdditions',
  'deviceParents',
  'assetParents',
  'additionParents',
]);

function list(call: Call): Outcome {
  const found = findObjects(call);
  if (found instanceof PlatformRefusal) return found;
  const page = pageOf(found, call);
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({
    managedObjects: page.items.map(object => presentObject(call, object)),
    ...page.frame,
  });
}

function count(call: Call): Outcome {
  const found = findObjects(call);
  return found instanceof PlatformRefusal ? found : answers.ok(found.length);
}

function get(call: Call): Outcome {
  const object = readable(call);
  return object instanceof PlatformRefusal ? object : answers.ok(presentObject(call, object));
}

function create(call: Call): Outcome {
  const { tenant, user, body } = call;
  const wrong = wrongField(body);
  if (wrong) return wrong;
  const time = call.platform.store.now().toISOString();
  const object = tenant.managedObjects.put({
    owner: user.id,
    ...withoutReadOnlyFields(body),
    // A device cannot transfer ownership of an object.
    ...(user.isDevice && { owner: user.id }),
    id: tenant.ids.next(),
    creationTime: time,
    lastUpdated: time,
  });
  const shown = presentObject(call, object);
  return answers.created(shown, String(shown.self));
}

function update(call: Call): Outcome {
  const object = changeable(call);
  if (object instanceof PlatformRefusal) return object;
  const wrong = wrongField(call.body);
  if (wrong) return wrong;
  const changed = { ...object, ...withoutReadOnlyFields(call.body) };
  if (call.user.isDevice && object.owner) changed.owner = object.owner;
  const kept = Object.entries(changed).filter(([, value]) => value !== null);
  const updated = call.tenant.managedObjects.put({
    ...(Object.fromEntries(kept) as ManagedObject),
    lastUpdated: call.platform.store.now().toISOString(),
  });
  return answers.ok(presentObject(call, updated));
}

function remove(call: Call): Outcome {
  const object = changeable(call);
  if (object instanceof PlatformRefusal) return object;
  const cascade = call.query.get('cascade') === 'true';
  deleteObject(call, object.id, cascade);
  return answers.noContent();
}

function supportedMeasurements(call: Call): Outcome {
  const object = readable(call);
  return object instanceof PlatformRefusal ? object : answers.ok({ c8y_SupportedMeasurements: [] });
}

function supportedSeries(call: Call): Outcome {
  const object = readable(call);
  return object instanceof PlatformRefusal ? object : answers.ok({ c8y_SupportedSeries: [] });
}

/** The object with the id in the path, if the caller may read it. */
export function readable(call: Call): ManagedObject | PlatformRefusal {
  return accessible(call, 'READ');
}

/** The object with the id in the path, if the caller may change it. */
export function changeable(call: Call): ManagedObject | PlatformRefusal {
  return accessible(call, 'ADMIN');
}

function accessible(call: Call, level: 'READ' | 'ADMIN'): ManagedObject | PlatformRefusal {
  const id = call.params['id']!;
  const object = call.tenant.managedObjects.get(id);
  if (!object) return refusals.noManagedObject(id);
  const fragments = Object.keys(object);
  return mayAccess(call.user, call.tenant, id, 'MANAGED_OBJECT', level, fragments)
    ? object
    : refusals.forbidden();
}

function deleteObject(call: Call, id: string, cascade: boolean): void {
  const { tenant } = call;
  const children = tenant.hierarchy.children(id, 'childAdditions');
  if (cascade) {
    children.push(
      ...tenant.hierarchy.children(id, 'childDevices'),
      ...tenant.hierarchy.children(id, 'childAssets'),
    );
  }
  tenant.hierarchy.forget(id);
  tenant.managedObjects.delete(id);
  for (const externalId of tenant.externalIds.list()) {
    if (externalId.managedObjectId === id) tenant.externalIds.delete(externalId.id);
  }
  for (const child of children) deleteObject(call, child, cascade);
}

function wrongField(body: JsonObject): PlatformRefusal | undefined {
  for (const name of ['name', 'type', 'owner']) {
    const value = body[name];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      return refusals.invalid('inventory', `${name} must be a string`);
    }
  }
  return undefined;
}

function withoutReadOnlyFields(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !READ_ONLY_FIELDS.has(name)));
}
