import type { WatchRequest } from '@remote-access/contracts';

/** Where a session leads, and how it is opened. */
export interface SessionTarget {
  readonly deviceId: string;
  /** The name of the gateway. */
  readonly gateway: string;
  readonly endpointId: string;
  /** The session of another user whose desktop is shown. */
  readonly watch?: WatchRequest;
  /** A session in another window that continues here. */
  readonly takeOver?: string;
}
