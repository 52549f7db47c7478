import { setTimeout as delay } from 'node:timers/promises';
import { RemoteAccessError, type OperationId, type TenantId } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import { isFinished, type OperationDesk } from '../operations/operation-desk';

/**
 * An agent that could not reach the endpoint closes its WebSocket and reports FAILED in any order:
 * its report is waited for no longer than this.
 */
const REPORT_DEADLINE_MS = 2_000;

const LOOK_PERIOD_MS = 200;

/** A reason is written by an agent, or by whoever runs it. */
const MAX_REASON_CHARACTERS = 500;

/** The refusal that a failed operation means, with the gateway's own reason. */
export function gatewayRefusal({ failureReason }: Operation): RemoteAccessError {
  // Line ends and other controls become spaces; the rest is text wherever it is shown.
  const reason = [...(failureReason ?? '').replace(/\p{Cc}+/gu, ' ').trim()]
    .slice(0, MAX_REASON_CHARACTERS)
    .join('');
  if (reason === '') return new RemoteAccessError('gateway-refused');
  const detail = `The gateway could not connect to the endpoint: ${reason}`;
  return new RemoteAccessError('gateway-refused', { detail });
}

/** Whether a gateway that ended without a byte has reported, or is about to report, a failure. */
export async function reportedFailure(
  operations: OperationDesk,
  tenant: TenantId,
  operationId: OperationId,
): Promise<RemoteAccessError | undefined> {
  const deadline = Date.now() + REPORT_DEADLINE_MS;
  for (;;) {
    const operation = await operations.read(tenant, operationId);
    if (!operation) return undefined;
    if (operation.status === 'FAILED') return gatewayRefusal(operation);
    if (isFinished(operation) || Date.now() >= deadline) return undefined;
    await delay(LOOK_PERIOD_MS);
  }
}
