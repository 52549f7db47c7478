/** Category of the tenant options of remote access, also the settings category in the manifest. */
export const OPTION_CATEGORY = 'remoteaccess';

/** Category of the options with which replicas that are cut off from each other show that they live. */
export const REPLICA_CATEGORY = 'remoteaccess.replicas';

/** Keys of the tenant options. Units are those of the vendor's product. */
export const OPTION_KEYS = {
  /** "true" or "false". */
  hostKeyAutosave: 'hostkey-autosave',
  /** Seconds that a gateway may take to accept the operation and connect. */
  operationTimeout: 'remoteaccess.operation.timeout',
  /** Idle timeout of a session, in milliseconds. */
  idleTimeout: 'remoteaccess.ws.idle.timeout',
  /** Maximum duration of a session in seconds; 0 for no limit. */
  maxDuration: 'remoteaccess.session.max-duration',
  /**
   * Seconds that a terminal session waits for a client that lost its connection; 0 disables
   * resuming.
   */
  sessionResume: 'remoteaccess.session.resume',
  /** Whether others may watch sessions: "off", "told" or "consent". */
  watch: 'remoteaccess.watch',
  /** "false" refuses new sessions. */
  enabled: 'remoteaccess.enabled',
  /** Which device users may connect for a gateway: "owner" or "reader". */
  deviceAdmission: 'remoteaccess.device.admission',
  /** "true" lets gateways connect with a malformed `Sec-WebSocket-Key`. */
  malformedKeys: 'remoteaccess.device.malformed-key',
  /** "false" also opens sessions that cannot be recorded in the audit log. */
  auditRequired: 'remoteaccess.audit.required',
  /**
   * "true" lets pages that are signed in with Basic authentication send the credential in a
   * WebSocket's address.
   */
  tokenInAddress: 'remoteaccess.websocket.token',
  /** Text that users accept before they connect; absent if there is none. */
  notice: 'remoteaccess.notice',
  /** The key material. The platform decrypts it for the owning application only. */
  sealingPassword: 'credentials.remoteaccess.encryption.password',
  sealingSalt: 'credentials.remoteaccess.encryption.salt',
  /** The previous key material during a key change. It only unseals secrets. */
  previousSealingPassword: 'credentials.remoteaccess.encryption.previous.password',
  previousSealingSalt: 'credentials.remoteaccess.encryption.previous.salt',
  /** Written by the service: "v1" once the tenant's endpoints are authenticated. */
  endpointsAuthenticated: 'endpoints.authenticated',
} as const;

export interface TenantOption {
  category: string;
  key: string;
  value: string;
}
