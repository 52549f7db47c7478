import type { Protocol } from './endpoint';
import type { WatchRequest } from './watching';
import type { DeviceId, EndpointId, OperationId } from './ids';

/** Body of `POST …/tickets`; optional if there is no notice. */
export interface TicketBody {
  /** `noticeId` of the accepted text. It has to be the current one. */
  noticeAccepted?: string;
  /** The session that the WebSocket is to resume, instead of opening a new one. */
  resume?: ResumeRequest;
  /** The session that the WebSocket is to watch, instead of opening a new one. */
  watch?: WatchRequest;
  /**
   * The client can resume the new session, with this key: 32 random bytes, base64url. It says so here
   * and not with the message `keep` if it opens the WebSocket before it can send anything.
   */
  keep?: string;
}

/** Resumes a session of the same user, on the same endpoint, from the same origin. */
export interface ResumeRequest {
  sessionId: string;
  /**
   * The key of the session. Clients that do not know whether their last attempt arrived name the
   * keys of both, at most {@link MAX_RESUME_KEYS}.
   */
  keys: string[];
  /** The key from then on, which the client has made: 32 random bytes, base64url. */
  next: string;
  /** Bytes of output that the client has: what follows is sent. */
  output: number;
  /**
   * Takes the session from the user's other window, without its keys; the latest output is sent
   * instead of what follows `output`.
   */
  takeOver?: boolean;
}

export const MAX_RESUME_KEYS = 8;

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

/** A running session in the answers of `GET /sessions` and `GET /devices/{deviceId}/sessions`. */
export interface RunningSession {
  /** Random, so that ids cannot be guessed. */
  id: string;
  /** `null` until the operation has been created. */
  operationId: OperationId | null;
  deviceId: DeviceId;
  deviceName: string;
  endpointId: EndpointId;
  endpointName: string;
  protocol: Protocol;
  user: string;
  /** ISO 8601. */
  startedAt: string;
  /** `waiting` for its client, which lost the connection and may resume. */
  state: 'opening' | 'open' | 'waiting';
  bytesToClient: number;
  bytesFromClient: number;
  /** The latest round trip between the service and the gateway; `null` before the first. */
  gatewayMs: number | null;
  /** The replica that runs the session; absent if there is only one. */
  replica?: string;
}

/** Body of `DELETE /sessions/{sessionId}`; optional. */
export interface TerminateBody {
  /** Shown to the user of the session and kept in the audit log. */
  reason?: string;
}

/** Characters of a reason: it has to fit into a sentence. */
export const MAX_REASON_LENGTH = 200;
