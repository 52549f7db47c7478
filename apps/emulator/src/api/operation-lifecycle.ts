import type { OperationStatus } from '@remote-access/contracts/platform';

/**
 * What may follow a status. An agent may skip EXECUTING, progress is told by staying in EXECUTING,
 * and what has ended stays ended.
 */
export const NEXT_STATUSES: Readonly<Record<OperationStatus, readonly OperationStatus[]>> = {
  PENDING: ['PENDING', 'EXECUTING', 'SUCCESSFUL', 'FAILED'],
  EXECUTING: ['EXECUTING', 'SUCCESSFUL', 'FAILED'],
  SUCCESSFUL: [],
  FAILED: [],
};
