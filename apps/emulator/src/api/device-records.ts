import { mayAccess, roleFor, type AccessScope } from '../auth/device-access';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import type { Collection } from '../store/collection';
import type { DeviceRecord, Tenant } from '../store/tenant';
import { answers, type Call, type Outcome, type Route } from '../rest/call';
import { inDateRange, pageOf } from '../rest/collection-query';

/** The only respects in which alarms and events differ here. */
interface RecordKind {
  readonly scope: Extract<AccessScope, 'ALARM' | 'EVENT'>;
  readonly path: string;
  readonly field: 'alarms' | 'events';
}

const KINDS: readonly RecordKind[] = [
  { scope: 'ALARM', path: '/alarm/alarms', field: 'alarms' },
  { scope: 'EVENT', path: '/event/events', field: 'events' },
];

/** Devices can create alarms and events, and users can list them; nobody can change them. */
export const deviceRecordRoutes: readonly Route[] = KINDS.flatMap((kind): Route[] => [
  { method: 'GET', path: kind.path, handle: call => list(call, kind) },
  { method: 'POST', path: kind.path, handle: call => create(call, kind) },
]);

function list(call: Call, kind: RecordKind): Outcome {
  const { query, tenant, user } = call;
  const source = query.get('source');
  const seesAll = user.effectiveRoles.has(roleFor(kind.scope, 'READ'));
  const seesSource =
    source === null ? user.isDevice : mayAccess(user, tenant, source, kind.scope, 'READ');
  if (!seesAll && !seesSource) return refusals.forbidden();
  const statuses = query.get('status')?.split(',');
  const type = query.get('type');
  const found = collectionOf(tenant, kind)
    .list()
    .filter(record => source === null || record.source.id === source)
    .filter(record => type === null || record.type === type)
    .filter(record => !statuses || statuses.includes(String(record['status'])))
    .filter(record => inDateRange(record.time, query))
    .filter(record => mayAccess(user, tenant, record.source.id, kind.scope, 'READ'))
    .reverse();
  const page = pageOf(found, call);
  if (page instanceof PlatformRefusal) return page;
  const shown = page.items.map(record => present(call, kind, record));
  return answers.ok({ [kind.field]: shown, ...page.frame });
}

function create(call: Call, kind: RecordKind): Outcome {
  const { tenant, user, body } = call;
  const { type, text, time } = body;
  const sourceId = (body['source'] as { id?: unknown } | undefined)?.id;
  const isAlarm = kind.scope === 'ALARM';
  for (const [name, value] of Object.entries({
    type,
    text,
    time,
    'source.id': sourceId,
    ...(isAlarm && { severity: body['severity'] }),
  })) {
    if (typeof value !== 'string') return refusals.invalid(kind.field, `${name} is mandatory`);
  }
  if (Number.isNaN(Date.parse(String(time)))) {
    return refusals.invalid(kind.field, 'time must be an ISO 8601 date');
  }
  const id = String(sourceId);
  if (!mayAccess(user, tenant, id, kind.scope, 'ADMIN')) return refusals.forbidden();
  if (!tenant.managedObjects.get(id)) return refusals.noManagedObject(id);
  const record = collectionOf(tenant, kind).put({
    ...(isAlarm && { status: 'ACTIVE', count: 1 }),
    ...body,
    type: String(type),
    text: String(text),
    time: String(time),
    source: { id },
    id: tenant.ids.next(),
    creationTime: call.platform.store.now().toISOString(),
  });
  const shown = present(call, kind, record);
  return answers.created(shown, shown.self);
}

function collectionOf(tenant: Tenant, kind: RecordKind): Collection<DeviceRecord> {
  return tenant[kind.field];
}

function present(call: Call, kind: RecordKind, record: DeviceRecord) {
  return { ...record, self: `${call.origin}${kind.path}/${record.id}` };
}
