import type { OperationId, TenantId } from '@remote-access/contracts';
import type { OperationDesk } from '../operations/operation-desk';
import { endSentence, type SessionEnd } from './session-end';

/** How long a gateway that has connected may take to report it; then it never will. */
const REPORT_GRACE_MS = 10_000;

const LEFT_EARLY = 'The client left before the gateway connected.';
const NEVER_REPORTED = 'The gateway connected but never reported the outcome.';

/** Sees to it that the operation of a session that is over does not wait for ever. */
export async function finishOperation(
  operations: OperationDesk,
  tenant: TenantId,
  operationId: OperationId,
  paired: boolean,
  end: SessionEnd,
): Promise<void> {
  if (paired) {
    operations.failUnfinishedLater(tenant, operationId, NEVER_REPORTED, REPORT_GRACE_MS);
  } else {
    const reason = end.by === 'client' ? LEFT_EARLY : endSentence(end);
    await operations.failUnfinished(tenant, operationId, reason);
  }
}
