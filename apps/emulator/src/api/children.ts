import { mayAccess } from '../auth/device-access';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import { CHILD_KINDS, type ChildKind } from '../store/hierarchy';
import { answers, type Call, type Outcome, type Route } from '../rest/call';
import { changeable, readable } from './inventory';
import { objectUrl, presentObject } from './managed-object-representation';
import { pageOf } from '../rest/collection-query';

/** The children of an object: devices behind a gateway, members of a group, additions. */
export const childRoutes: readonly Route[] = CHILD_KINDS.flatMap((kind): Route[] => {
  const path = `/inventory/managedObjects/:id/${kind}`;
  return [
    { method: 'GET', path, handle: call => list(call, kind) },
    { method: 'POST', path, handle: call => add(call, kind) },
    { method: 'GET', path: `${path}/:child`, handle: call => get(call, kind) },
    { method: 'DELETE', path: `${path}/:child`, handle: call => remove(call, kind) },
  ];
});

function list(call: Call, kind: ChildKind): Outcome {
  const parent = readable(call);
  if (parent instanceof PlatformRefusal) return parent;
  const children = call.tenant.hierarchy
    .children(parent.id, kind)
    .filter(id => mayAccess(call.user, call.tenant, id, 'MANAGED_OBJECT', 'READ'))
    .flatMap(id => call.tenant.managedObjects.get(id) ?? []);
  const page = pageOf(children, call);
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({
    references: page.items.map(child => ({
      managedObject: presentObject(call, child),
      self: `${objectUrl(call, parent.id)}/${kind}/${child.id}`,
    })),
    ...page.frame,
  });
}

/** Adds an existing object (`{managedObject: {id}}`) or creates one as a child. */
function add(call: Call, kind: ChildKind): Outcome {
  const parent = changeable(call);
  if (parent instanceof PlatformRefusal) return parent;
  const { tenant, body, user } = call;
  const { managedObject } = body;
  let childId: string;
  if (typeof managedObject === 'object' && managedObject !== null && 'id' in managedObject) {
    childId = String(managedObject.id);
    if (!tenant.managedObjects.get(childId)) return refusals.noManagedObject(childId);
    if (!mayAccess(user, tenant, childId, 'MANAGED_OBJECT', 'ADMIN')) return refusals.forbidden();
    if (tenant.hierarchy.selfAndAncestors(parent.id).includes(childId)) {
      return refusals.invalid('inventory', 'An object cannot be its own descendant');
    }
  } else {
    const time = call.platform.store.now().toISOString();
    childId = tenant.ids.next();
    tenant.managedObjects.put({
      ...body,
      owner: user.id,
      id: childId,
      creationTime: time,
      lastUpdated: time,
    });
  }
  tenant.hierarchy.add({ parent: parent.id, kind, child: childId });
  // The list of children is part of the parent, so the parent changes as well.
  tenant.managedObjects.put(parent);
  const self = `${objectUrl(call, parent.id)}/${kind}/${childId}`;
  const child = presentObject(call, tenant.managedObjects.get(childId)!);
  return answers.created({ managedObject: child, self }, self);
}

function get(call: Call, kind: ChildKind): Outcome {
  const parent = readable(call);
  if (parent instanceof PlatformRefusal) return parent;
  const child = call.tenant.managedObjects.get(call.params['child']!);
  if (!child || !call.tenant.hierarchy.children(parent.id, kind).includes(child.id)) {
    return refusals.noManagedObject(call.params['child']!);
  }
  const self = `${objectUrl(call, parent.id)}/${kind}/${child.id}`;
  return answers.ok({ managedObject: presentObject(call, child), self });
}

function remove(call: Call, kind: ChildKind): Outcome {
  const parent = changeable(call);
  if (parent instanceof PlatformRefusal) return parent;
  const child = call.params['child']!;
  if (!call.tenant.hierarchy.remove({ parent: parent.id, kind, child })) {
    return refusals.noManagedObject(child);
  }
  call.tenant.managedObjects.put(parent);
  return answers.noContent();
}
