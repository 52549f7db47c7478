import type { OperationId, TenantId } from '@remote-access/contracts';
import type { OperationDesk } from '../operations/operation-desk';
import type { DeviceSide } from './device-side';
import { reportedFailure } from './gateway-failure';
import type { SessionEnd } from './session-end';

/** What else is known of how a session ended. */
export interface Evidence {
  readonly operations: OperationDesk;
  readonly tenant: TenantId;
  readonly operationId: OperationId | undefined;
  readonly deviceSide: DeviceSide | undefined;
}

/**
 * The first cause of an end; behind a gateway that hung up without having sent a byte, the reason
 * that it reports.
 */
export async function verdictOn(
  end: SessionEnd,
  { operations, tenant, operationId, deviceSide }: Evidence,
): Promise<SessionEnd> {
  const farSide = end.by === 'target' || end.by === 'gateway';
  const told = end.error?.code === 'gateway-refused' || end.error?.code === 'gateway-protocol';
  if (!farSide || told || !operationId || !deviceSide || deviceSide.bytesIn > 0) return end;
  const error = await reportedFailure(operations, tenant, operationId);
  return error ? { by: 'gateway', error } : end;
}
