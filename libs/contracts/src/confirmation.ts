import type { Protocol } from './endpoint';

/** Marks an endpoint whose entry was written without the service; nobody can connect to it. */
export interface OutsideChange {
  /** Digest of the entry as shown. A confirmation repeats it and applies to this state only. */
  seen: string;
  /** Fields of the entry that the service does not know. A confirmation accepts them too. */
  otherFields?: readonly string[];
}

/** Body of `POST /devices/{deviceId}/configurations/{id}/confirm`. */
export interface ConfirmBody {
  seen: string;
  /** Required unless the stored password can still be unsealed for the entry as shown. */
  password?: string;
}

/** An endpoint in the response of `GET /configurations/changed`. */
export interface ChangedEndpoint {
  deviceId: string;
  deviceName: string;
  id: string;
  name: string;
  protocol: Protocol;
  hostname: string;
  port: number;
  seen: string;
}

/** The endpoints of the tenant that were changed outside the service. */
export interface ChangedEndpoints {
  /** `false` if there are more, or if time ran out. */
  complete: boolean;
  endpoints: ChangedEndpoint[];
}

/** Identifies an endpoint and its state in `POST /configurations/confirm`. */
export interface ConfirmReference {
  deviceId: string;
  id: string;
  seen: string;
}

/** The result for one endpoint of such a request. */
export interface ConfirmLine {
  deviceId: string;
  id: string;
  outcome: 'confirmed' | 'refused';
  /** A code of the error catalogue, if it was refused. */
  code?: string;
  /** The reason, for the user. */
  message?: string;
}

export interface ConfirmReport {
  confirmed: number;
  refused: number;
  /** In the order of the request. */
  lines: ConfirmLine[];
}

/** Maximum number of endpoints listed or confirmed in one request. */
export const MAX_CONFIRMED = 1_000;
