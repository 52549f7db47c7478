import { mayAccess, roleFor, type AccessScope } from '../auth/device-access';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import type { Collection } from '../store/collection';
import type { DeviceRecord, Tenant } from '../store/tenant';
import { answers, type Call, type Outcome, type Route } from './call';
import { inDateRange, pageOf } from './collection-query';

/** Alarms and events are alike here: something that a device reported, with its time. */
interface Sort {
  readonly scope: Extract<AccessScope, 'ALARM' | 'EVENT'>;
  readonly path: string;
  readonly field: 'alarms' | 'events';
}

const SORTS: readonly Sort[] = [
  { scope: 'ALARM', path: '/alarm/alarms', field: 'alarms' },
  { scope: 'EVENT', path: '/event/events', field: 'events' },
];

/** Alarms and events: reported by devices, listed for users; nothing more. */
export const deviceRecordRoutes: readonly Route[] = SORTS.flatMap((sort): Route[] => [
  { method: 'GET', path: sort.path, handle: call => list(call, sort) },
  { method: 'POST', path: sort.path, handle: call => create(call, sort) },
]);

function list(call: Call, sort: Sort): Outcome {
  const { query, tenant, user } = call;
  const source = query.get('source');
  const seesAll = user.effectiveRoles.has(roleFor(sort.scope, 'READ'));
  const seesSource =
    source === null ? user.isDevice : mayAccess(user, tenant, source, sort.scope, 'READ');
  if (!seesAll && !seesSource) return refusals.forbidden();
  const statuses = query.get('status')?.split(',');
  const type = query.get('type');
  const found = collectionOf(tenant, sort)
    .list()
    .filter(record => source === null || record.source.id === source)
    .filter(record => type === null || record.type === type)
    .filter(record => !statuses || statuses.includes(String(record['status'])))
    .filter(record => inDateRange(record.time, query))
    .filter(record => mayAccess(user, tenant, record.source.id, sort.scope, 'READ'))
    .reverse();
  const page = pageOf(found, call);
  if (page instanceof PlatformRefusal) return page;
  const shown = page.items.map(record => present(call, sort, record));
  return answers.ok({ [sort.field]: shown, ...page.frame });
}

function create(call: Call, sort: Sort): Outcome {
  const { tenant, user, body } = call;
  const { type, text, time } = body;
  const sourceId = (body['source'] as { id?: unknown } | undefined)?.id;
  const isAlarm = sort.scope === 'ALARM';
  for (const [name, value] of Object.entries({
    type,
    text,
    time,
    'source.id': sourceId,
    ...(isAlarm && { severity: body['severity'] }),
  })) {
    if (typeof value !== 'string') return refusals.invalid(sort.field, `${name} is mandatory`);
  }
  if (Number.isNaN(Date.parse(String(time)))) {
    return refusals.invalid(sort.field, 'time must be a date in ISO 8601');
  }
  const id = String(sourceId);
  if (!mayAccess(user, tenant, id, sort.scope, 'ADMIN')) return refusals.forbidden();
  if (!tenant.managedObjects.get(id)) return refusals.noManagedObject(id);
  const record = collectionOf(tenant, sort).put({
    ...(isAlarm && { status: 'ACTIVE', count: 1 }),
    ...body,
    type: String(type),
    text: String(text),
    time: String(time),
    source: { id },
    id: tenant.ids.next(),
    creationTime: call.platform.store.now().toISOString(),
  });
  const shown = present(call, sort, record);
  return answers.created(shown, shown.self);
}

function collectionOf(tenant: Tenant, sort: Sort): Collection<DeviceRecord> {
  return tenant[sort.field];
}

function present(call: Call, sort: Sort, record: DeviceRecord) {
  return { ...record, self: `${call.origin}${sort.path}/${record.id}` };
}
