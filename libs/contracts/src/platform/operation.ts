export const OPERATION_STATUSES = ['PENDING', 'EXECUTING', 'SUCCESSFUL', 'FAILED'] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

/** Asks the gateway to connect to the service with the key and to forward to host and port. */
export interface RemoteAccessConnect {
  hostname: string;
  port: number;
  /** A UUID. */
  connectionKey: string;
}

/** An operation of the platform's device control. */
export interface Operation {
  id: string;
  deviceId: string;
  deviceName?: string;
  status: OperationStatus;
  creationTime: string;
  description?: string;
  failureReason?: string;
  self?: string;
  c8y_RemoteAccessConnect?: RemoteAccessConnect;
  [fragment: string]: unknown;
}

/** The description that the vendor's product gives its operations. */
export const CONNECT_DESCRIPTION = 'Connect to remote access server';
