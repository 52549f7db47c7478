import type { ManagedObject } from '@remote-access/contracts/platform';
import { mayAccess, roleFor } from '../auth/device-access';
import { type PlatformRefusal, refusals } from '../auth/platform-refusal';
import { inOrder, matches } from '../query/match';
import { parseInventoryQuery, type InventoryQuery } from '../query/inventory-query';
import { QuerySyntaxError } from '../query/tokens';
import type { Call } from '../rest/call';

/** Filters by one query parameter. Absent parameters do not filter. */
type ParameterFilter = (object: ManagedObject, value: string, call: Call) => boolean;

const FILTERS: Readonly<Record<string, ParameterFilter>> = {
  fragmentType: (object, fragment) => Object.hasOwn(object, fragment),
  type: (object, type) => object.type === type,
  owner: (object, owner) => object.owner === owner,
  ids: (object, ids) => ids.split(',').includes(object.id),
  text: (object, text) => (object.name ?? '').toLowerCase().includes(text.toLowerCase()),
  onlyRoots: (object, flag, { tenant }) =>
    flag !== 'true' || tenant.hierarchy.parents(object.id).length === 0,
  childDeviceId: (object, id, { tenant }) =>
    tenant.hierarchy.parents(id, 'childDevices').includes(object.id),
  childAssetId: (object, id, { tenant }) =>
    tenant.hierarchy.parents(id, 'childAssets').includes(object.id),
  childAdditionId: (object, id, { tenant }) =>
    tenant.hierarchy.parents(id, 'childAdditions').includes(object.id),
  // `q` is the parameter of the device list: it finds only devices, even if it is empty.
  q: object => Object.hasOwn(object, 'c8y_IsDevice'),
};

/** All objects that match the query and that the caller may read, in the requested order. */
export function findObjects(call: Call): ManagedObject[] | PlatformRefusal {
  const { query, tenant } = call;
  const parsed: InventoryQuery[] = [];
  for (const name of ['q', 'query']) {
    try {
      parsed.push(parseInventoryQuery(query.get(name) ?? ''));
    } catch (cause) {
      if (!(cause instanceof QuerySyntaxError)) throw cause;
      return refusals.badRequest(`The query cannot be parsed: ${cause.message}`);
    }
  }
  const filters = Object.entries(FILTERS).flatMap(([name, filter]) => {
    const value = query.get(name);
    return value === null ? [] : [(object: ManagedObject) => filter(object, value, call)];
  });
  const seesAll = call.user.effectiveRoles.has(roleFor('MANAGED_OBJECT', 'READ'));
  const orders = parsed.flatMap(({ orderBy }) => orderBy);
  return tenant.managedObjects
    .list()
    .filter(object => filters.every(filter => filter(object)))
    .filter(object =>
      parsed.every(({ filter }) => !filter || matches(object, filter, tenant.hierarchy)),
    )
    .filter(
      object =>
        seesAll ||
        mayAccess(call.user, tenant, object.id, 'MANAGED_OBJECT', 'READ', Object.keys(object)),
    )
    .sort(inOrder(orders));
}
