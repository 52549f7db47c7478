import type { Protocol } from './endpoint';
import type { EndpointId, OperationId } from './ids';

/** The body of `POST …/tickets`; it may be left out where there is no notice. */
export interface TicketBody {
  /** `noticeId` of the text that was accepted; that of an older text does not count. */
  noticeAccepted?: string;
}

/** The answer to `POST /client/{deviceId}/configurations/{id}/tickets`. */
export interface Ticket {
  /** 32 random bytes, base64url. Serves once. */
  ticket: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** A session that is running, as `GET /devices/{deviceId}/sessions` shows it. */
export interface RunningSession {
  /** Random, so that knowing one tells nothing of another. */
  id: string;
  /** `null` before the platform has it. */
  operationId: OperationId | null;
  endpointId: EndpointId;
  endpointName: string;
  protocol: Protocol;
  /** Who opened it. */
  user: string;
  /** ISO 8601. */
  startedAt: string;
  /** Whether bytes go both ways, or it is still being opened. */
  state: 'opening' | 'open';
  bytesToClient: number;
  bytesFromClient: number;
}
