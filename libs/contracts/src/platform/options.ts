/** Category of the tenant options of remote access, also the settings category in the manifest. */
export const OPTION_CATEGORY = 'remoteaccess';

/** Keys of the tenant options. Units are those of the vendor's product. */
export const OPTION_KEYS = {
  /** "true" or "false". */
  hostKeyAutosave: 'hostkey-autosave',
  /** Seconds that a gateway may take to accept the operation and connect. */
  operationTimeout: 'remoteaccess.operation.timeout',
  /** Milliseconds without a byte after which a session ends. */
  idleTimeout: 'remoteaccess.ws.idle.timeout',
  /** Longest duration of a session in seconds; 0 for no limit. */
  maxDuration: 'remoteaccess.session.max-duration',
  /** Seconds that a terminal session waits for a client that lost its connection; 0 for not at all. */
  sessionResume: 'remoteaccess.session.resume',
  /** Whether others may watch sessions: "off", "told" or "consent". */
  watch: 'remoteaccess.watch',
  /** "false" refuses new sessions. */
  enabled: 'remoteaccess.enabled',
  /** The device users that may connect for a gateway: "owner" or "reader". */
  deviceAdmission: 'remoteaccess.device.admission',
  /** "true" lets gateways connect with a malformed `Sec-WebSocket-Key`. */
  malformedKeys: 'remoteaccess.device.malformed-key',
  /** "false" lets sessions open that cannot be recorded in the audit log. */
  auditRequired: 'remoteaccess.audit.required',
  /** "true" lets pages that are signed in by Basic send the credential in a WebSocket's address. */
  tokenInAddress: 'remoteaccess.websocket.token',
  /** Text that users accept before they connect; absent for none. */
  notice: 'remoteaccess.notice',
  /** The platform decrypts it for the owning application only. */
  sealingPassword: 'credentials.remoteaccess.encryption.password',
  sealingSalt: 'credentials.remoteaccess.encryption.salt',
  /** The previous key material during a key change. It only opens secrets. */
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
