import type { Protocol } from './endpoint';
import type { EndpointId, OperationId } from './ids';

/** Body of `POST …/tickets`; optional if there is no notice. */
export interface TicketBody {
  /** `noticeId` of the accepted text. It has to be the current one. */
  noticeAccepted?: string;
}

/** The answer to `POST /client/{deviceId}/configurations/{id}/tickets`. */
export interface Ticket {
  /** 32 random bytes, base64url. Valid once. */
  ticket: string;
  /** ISO 8601. */
  expiresAt: string;
  /**
   * Whether a page that is signed in by Basic adds `token=` to the address, because the platform's
   * ingress asks for credentials. Absent for no.
   */
  tokenInAddress?: boolean;
}

/** A running session in the answer of `GET /devices/{deviceId}/sessions`. */
export interface RunningSession {
  /** Random, so that ids cannot be guessed. */
  id: string;
  /** `null` until the operation has been created. */
  operationId: OperationId | null;
  endpointId: EndpointId;
  endpointName: string;
  protocol: Protocol;
  user: string;
  /** ISO 8601. */
  startedAt: string;
  state: 'opening' | 'open';
  bytesToClient: number;
  bytesFromClient: number;
}
