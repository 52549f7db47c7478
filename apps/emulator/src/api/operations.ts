import {
  type Operation,
  OPERATION_STATUSES,
  type OperationStatus,
} from '@remote-access/contracts/platform';
import { mayAccess, roleFor } from '../auth/device-access';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import type { Tenant } from '../store/tenant';
import { type Actor, answers, type Call, type Outcome, type Route } from '../rest/call';
import { recordOperationCreated, recordOperationUpdated } from './audit';
import { inDateRange, pageOf } from '../rest/collection-query';

/**
 * The statuses that may follow each status. An agent may skip EXECUTING, may update an operation
 * that stays EXECUTING, and cannot change one that has ended.
 */
export const NEXT_STATUSES: Readonly<Record<OperationStatus, readonly OperationStatus[]>> = {
  PENDING: ['PENDING', 'EXECUTING', 'SUCCESSFUL', 'FAILED'],
  EXECUTING: ['EXECUTING', 'SUCCESSFUL', 'FAILED'],
  SUCCESSFUL: [],
  FAILED: [],
};

/** Device control: operations that users request and devices carry out. */
export const operationRoutes: readonly Route[] = [
  { method: 'GET', path: '/devicecontrol/operations', handle: list },
  { method: 'POST', path: '/devicecontrol/operations', handle: create },
  { method: 'GET', path: '/devicecontrol/operations/:id', handle: get },
  { method: 'PUT', path: '/devicecontrol/operations/:id', handle: update },
];

/** Set by the platform. */
const READ_ONLY_FIELDS = new Set([
  'id',
  'self',
  'deviceId',
  'deviceName',
  'creationTime',
  'status',
]);

function list(call: Call): Outcome {
  const { query, tenant, user } = call;
  const deviceId = query.get('deviceId');
  const agentId = query.get('agentId');
  const target = deviceId ?? agentId;
  if (target !== null) {
    if (!tenant.managedObjects.get(target)) return refusals.noManagedObject(target);
    if (!mayAccess(user, tenant, target, 'OPERATION', 'READ', [query.get('fragmentType') ?? ''])) {
      return refusals.forbidden();
    }
  } else if (!mayListAny(call)) {
    return refusals.forbidden();
  }
  const statuses = query.get('status')?.split(',');
  const fragmentType = query.get('fragmentType');
  const found = tenant.operations
    .list()
    .filter(operation => deviceId === null || operation.deviceId === deviceId)
    .filter(operation => agentId === null || agentOf(tenant, operation.deviceId) === agentId)
    .filter(operation => !statuses || statuses.includes(operation.status))
    .filter(operation => fragmentType === null || Object.hasOwn(operation, fragmentType))
    .filter(operation => inDateRange(operation.creationTime, query))
    .filter(operation => mayRead(call, operation));
  if (query.get('revert') === 'true') found.reverse();
  const page = pageOf(found, call);
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({ operations: page.items.map(one => present(call, one)), ...page.frame });
}

function get(call: Call): Outcome {
  const operation = call.tenant.operations.get(call.params['id']!);
  if (!operation) return notFound(call);
  return mayRead(call, operation) ? answers.ok(present(call, operation)) : refusals.forbidden();
}

function create(call: Call): Outcome {
  const { tenant, user, body } = call;
  const { deviceId, description } = body;
  if (typeof deviceId !== 'string' || deviceId === '') {
    return refusals.invalid('devicecontrol', 'deviceId is mandatory');
  }
  const fragments = withoutReadOnlyFields(body);
  if (!mayAccess(user, tenant, deviceId, 'OPERATION', 'ADMIN', Object.keys(fragments))) {
    return refusals.forbidden();
  }
  const device = tenant.managedObjects.get(deviceId);
  if (!device) return refusals.noManagedObject(deviceId);
  if (agentOf(tenant, deviceId) === undefined && !('c8y_IsDevice' in device)) {
    return refusals.invalid('devicecontrol', `Managed object '${deviceId}' is not a device`);
  }
  if (description !== undefined && typeof description !== 'string') {
    return refusals.invalid('devicecontrol', 'description must be a string');
  }
  const operation = tenant.operations.put({
    ...fragments,
    id: tenant.ids.next(),
    deviceId,
    ...(device.name !== undefined && { deviceName: device.name }),
    status: 'PENDING',
    creationTime: call.platform.store.now().toISOString(),
  });
  recordOperationCreated(call, operation);
  const shown = present(call, operation);
  return answers.created(shown, shown.self);
}

function update(call: Call): Outcome {
  const { tenant, user, body } = call;
  const operation = tenant.operations.get(call.params['id']!);
  if (!operation) return notFound(call);
  if (!mayAccess(user, tenant, operation.deviceId, 'OPERATION', 'ADMIN', Object.keys(operation))) {
    return refusals.forbidden();
  }
  const updated = changeOperation(call, operation, withoutReadOnlyFields(body), body['status']);
  return updated instanceof PlatformRefusal ? updated : answers.ok(present(call, updated));
}

/**
 * Changes an operation and records the change of its status, after permissions have been checked.
 */
export function changeOperation(
  actor: Actor,
  operation: Operation,
  fields: Record<string, unknown>,
  newStatus: unknown = operation.status,
): Operation | PlatformRefusal {
  const status = OPERATION_STATUSES.find(one => one === newStatus);
  if (!status) {
    return refusals.invalid('devicecontrol', `Status must be one of ${OPERATION_STATUSES.join()}`);
  }
  if (!NEXT_STATUSES[operation.status].includes(status)) {
    return refusals.invalid(
      'devicecontrol',
      `Operation status cannot change from ${operation.status} to ${status}`,
    );
  }
  const updated = actor.tenant.operations.put({ ...operation, ...fields, status });
  if (status !== operation.status) recordOperationUpdated(actor, operation, updated);
  return updated;
}

function mayRead({ user, tenant }: Call, operation: Operation): boolean {
  return mayAccess(user, tenant, operation.deviceId, 'OPERATION', 'READ', Object.keys(operation));
}

/** A caller who may read only some operations may list without a filter, and receives those. */
function mayListAny({ user }: Call): boolean {
  return (
    user.isDevice ||
    user.effectiveRoles.has(roleFor('OPERATION', 'READ')) ||
    Object.values(user.devicePermissions)
      .flat()
      .some(permission => /^(OPERATION|\*):/.test(permission))
  );
}

/** The device itself or its nearest ancestor that is marked as an agent. */
export function agentOf(tenant: Tenant, deviceId: string): string | undefined {
  return tenant.hierarchy
    .selfAndAncestors(deviceId, 'childDevices')
    .find(id => 'com_cumulocity_model_Agent' in (tenant.managedObjects.get(id) ?? {}));
}

function withoutReadOnlyFields(body: Call['body']): Call['body'] {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !READ_ONLY_FIELDS.has(name)));
}

function notFound(call: Call): PlatformRefusal {
  return refusals.notFound(
    'devicecontrol',
    `Finding operation from database failed : No operation for gid '${call.params['id']}'!`,
  );
}

function present(call: Call, operation: Operation) {
  return { ...operation, self: `${call.origin}/devicecontrol/operations/${operation.id}` };
}
