import type { AuditRecord, AuditRecordBody, Operation } from '@remote-access/contracts/platform';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import {
  type Actor,
  answers,
  type Call,
  type JsonObject,
  type Outcome,
  type Route,
} from '../rest/call';
import { inDateRange, pageOf } from '../rest/collection-query';

const READ = ['ROLE_AUDIT_READ'];
const WRITE = ['ROLE_AUDIT_ADMIN', 'ROLE_SYSTEM'];

/** Audit records can be created and read, but never changed. */
export const auditRoutes: readonly Route[] = [
  { method: 'GET', path: '/audit/auditRecords', roles: READ, handle: list },
  { method: 'POST', path: '/audit/auditRecords', roles: WRITE, handle: create },
  { method: 'GET', path: '/audit/auditRecords/:id', roles: READ, handle: get },
];

/** Newest first, like the platform; `revert=true` reverses the order. */
function list(call: Call): Outcome {
  const { query } = call;
  const source = query.get('source');
  const found = call.tenant.auditRecords
    .list()
    .filter(record => source === null || record.source?.id === source)
    .filter(record =>
      (['type', 'user', 'application'] as const).every(
        name => query.get(name) === null || record[name] === query.get(name),
      ),
    )
    .filter(record => inDateRange(record.time, query));
  if (query.get('revert') !== 'true') found.reverse();
  const page = pageOf(found, call);
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({ auditRecords: page.items.map(one => present(call, one)), ...page.frame });
}

function get(call: Call): Outcome {
  const record = call.tenant.auditRecords.get(call.params['id']!);
  return record
    ? answers.ok(present(call, record))
    : refusals.notFound('audit', `No audit record with id '${call.params['id']}'`);
}

function create(call: Call): Outcome {
  const body = readBody(call.body);
  if (body instanceof PlatformRefusal) return body;
  const record = call.tenant.auditRecords.put({
    severity: 'INFORMATION',
    user: call.user.id,
    ...body,
    id: call.tenant.ids.next(),
    creationTime: call.platform.store.now().toISOString(),
  });
  const shown = present(call, record);
  return answers.created(shown, shown.self);
}

function readBody(body: JsonObject): AuditRecordBody | PlatformRefusal {
  const { type, activity, text, time, source } = body;
  for (const [name, value] of Object.entries({ type, activity, text, time })) {
    if (typeof value !== 'string' || value === '') {
      return refusals.invalid('audit', `${name} is mandatory and must be a string`);
    }
  }
  if (Number.isNaN(Date.parse(String(time)))) {
    return refusals.invalid('audit', 'time must be an ISO 8601 date');
  }
  if (source !== undefined && !hasId(source)) {
    return refusals.invalid('audit', 'source must be an object with an id');
  }
  return body as AuditRecordBody;
}

function hasId(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
  );
}

function present(call: Call, record: AuditRecord) {
  return { ...record, self: `${call.origin}/audit/auditRecords/${record.id}` };
}

/** The platform itself records the creation of an operation. */
export function recordOperationCreated(call: Actor, operation: Operation): void {
  const description = operation.description ? `, description='${operation.description}'` : '';
  record(call, operation, {
    activity: 'Operation created',
    text: `Operation created: status='${operation.status}'${description}`,
  });
}

/** The platform itself records a change of status, with the reason if it failed. */
export function recordOperationUpdated(call: Actor, before: Operation, after: Operation): void {
  const reason = after.failureReason ? `, failureReason='${after.failureReason}'` : '';
  record(call, after, {
    activity: 'Operation updated',
    text: `Operation updated: status='${after.status}'${reason}`,
    changes: [
      {
        attribute: 'status',
        type: 'java.lang.String',
        previousValue: before.status,
        newValue: after.status,
      },
    ],
  });
}

function record(
  call: Actor,
  operation: Operation,
  what: Pick<AuditRecord, 'activity' | 'text'> & { changes?: unknown[] },
): void {
  const time = call.platform.store.now().toISOString();
  call.tenant.auditRecords.put({
    ...what,
    id: call.tenant.ids.next(),
    type: 'Operation',
    severity: 'INFORMATION',
    source: { id: operation.id },
    user: call.user.id,
    time,
    creationTime: time,
  });
}
