import type { ManagedObject, ManagedObjectReferences } from '@remote-access/contracts/platform';
import { mayAccess } from '../auth/device-access';
import { withAvailability } from '../store/device-presence';
import { CHILD_KINDS, type ChildKind } from '../store/hierarchy';
import type { Call } from '../rest/call';

const PARENT_FIELDS: Readonly<Record<ChildKind, string>> = {
  childDevices: 'deviceParents',
  childAssets: 'assetParents',
  childAdditions: 'additionParents',
};

/** An object as the API returns it, with its children and, if requested, its parents. */
export function presentObject(call: Call, object: ManagedObject): ManagedObject {
  const { hierarchy } = call.tenant;
  const self = objectUrl(call, object.id);
  const shown: ManagedObject = {
    ...withAvailability(object, call.platform.store.now()),
    self,
  };
  const withChildren = call.query.get('withChildren') !== 'false';
  const withParents = call.query.get('withParents') === 'true';
  // Requested by the device list, which shows the groups of each device.
  const withGroups = call.query.get('withGroups') === 'true';
  for (const kind of CHILD_KINDS) {
    shown[kind] = {
      references: withChildren ? references(call, hierarchy.children(object.id, kind)) : [],
      self: `${self}/${kind}`,
    };
    if (withParents || (withGroups && kind === 'childAssets')) {
      const parents = references(call, hierarchy.parents(object.id, kind));
      shown[PARENT_FIELDS[kind]] = { references: parents, self: `${self}/${PARENT_FIELDS[kind]}` };
    }
  }
  return shown;
}

/** References to those objects that the caller may read. */
function references(call: Call, ids: readonly string[]): ManagedObjectReferences['references'] {
  return ids.flatMap(id => {
    const object = call.tenant.managedObjects.get(id);
    if (!object || !mayAccess(call.user, call.tenant, id, 'MANAGED_OBJECT', 'READ')) return [];
    const self = objectUrl(call, id);
    const name = object.name === undefined ? {} : { name: object.name };
    return [{ managedObject: { id, ...name, self }, self }];
  });
}

export function objectUrl(call: Call, id: string): string {
  return `${call.origin}/inventory/managedObjects/${id}`;
}
