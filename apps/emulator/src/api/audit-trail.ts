import type { AuditRecord, Operation } from '@remote-access/contracts/platform';
import type { Call } from './call';

/** Writes the record that the platform writes by itself when an operation is created. */
export function recordOperationCreated(call: Call, operation: Operation): void {
  const description = operation.description ? `, description='${operation.description}'` : '';
  record(call, operation, {
    activity: 'Operation created',
    text: `Operation created: status='${operation.status}'${description}`,
  });
}

/** The record of a change of status, with the reason of a failure. */
export function recordOperationUpdated(call: Call, before: Operation, after: Operation): void {
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
  call: Call,
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
