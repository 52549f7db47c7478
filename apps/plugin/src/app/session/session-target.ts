import type { WatchRequest } from '@remote-access/contracts';

/** Where a session leads, and what is special about it. */
export interface SessionTarget {
  readonly deviceId: string;
  /** The name of the gateway. */
  readonly gateway: string;
  readonly endpointId: string;
  /** The desktop of somebody else, which is shown. */
  readonly watch?: WatchRequest;
  /** A session in another window, which goes on here. */
  readonly takeOver?: string;
}
