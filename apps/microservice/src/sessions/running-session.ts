import type { OperationId, RunningSession } from '@remote-access/contracts';
import type { ClientSide } from './client-side';
import type { SessionGrant } from './connect-grant';
import type { Progress } from './progress';

/** What changes of a session while it runs. */
export interface SessionFacts {
  readonly id: string;
  readonly operationId: OperationId | undefined;
  readonly progress: Progress;
  readonly clientSide: ClientSide;
}

/** A session as the API shows it. */
export function runningSession(
  { endpoint, caller }: SessionGrant,
  { id, operationId, progress, clientSide }: SessionFacts,
): RunningSession {
  return {
    id,
    operationId: operationId ?? null,
    endpointId: endpoint.id,
    endpointName: endpoint.name,
    protocol: endpoint.protocol,
    user: caller.userName,
    startedAt: progress.startedAt.toISOString(),
    state: progress.next === undefined ? 'open' : 'opening',
    bytesToClient: clientSide.bytesOut,
    bytesFromClient: clientSide.bytesIn,
  };
}
