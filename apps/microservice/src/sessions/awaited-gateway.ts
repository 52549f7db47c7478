import type { OperationId, TenantId } from '@remote-access/contracts';
import type { WebSocket } from 'ws';

/** Something that waits for a gateway to dial in with its connection key. */
export interface AwaitedGateway {
  readonly tenant: TenantId;
  /** The operation, once the platform has it; `undefined` when there will be none. */
  readonly operationCreated: Promise<OperationId | undefined>;
  /** The gateway has claimed the key and is here. */
  deviceConnected(socket: WebSocket): void;
  /** The gateway claimed the key and was gone before its WebSocket was open. */
  deviceLost(): void;
}
