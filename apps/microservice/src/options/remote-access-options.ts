/** The options of a tenant, category `remoteaccess`, with their defaults filled in. */
export interface RemoteAccessOptions {
  /** `false` where the tenant has switched remote access off. */
  readonly enabled: boolean;
  /** What people accept before they connect. */
  readonly notice: string | null;
  /** How long a gateway has to take the operation and dial back. */
  readonly operationTimeoutMs: number;
  /** A session without a byte for this long ends. */
  readonly idleTimeoutMs: number;
  /** How long a session may last; 0 for no limit. */
  readonly maxDurationMs: number;
  /** Whether the host key of a first successful connection is saved. */
  readonly hostKeyAutosave: boolean;
}
