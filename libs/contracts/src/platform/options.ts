/** Category of the tenant options of remote access, also the settings category in the manifest. */
export const OPTION_CATEGORY = 'remoteaccess';

/** Keys of the tenant options; units as the product has them. */
export const OPTION_KEYS = {
  /** "true" or "false". */
  hostKeyAutosave: 'hostkey-autosave',
  /** Seconds a gateway has to take the operation and dial back. */
  operationTimeout: 'remoteaccess.operation.timeout',
  /** Milliseconds without a byte after which a session ends. */
  idleTimeout: 'remoteaccess.ws.idle.timeout',
  /** Seconds a session may last, 0 for no limit. */
  maxDuration: 'remoteaccess.session.max-duration',
  /** "false" refuses new sessions. */
  enabled: 'remoteaccess.enabled',
  /** Text that people accept before they connect; absent for none. */
  notice: 'remoteaccess.notice',
  /** In clear for the owning application only. */
  sealingPassword: 'credentials.remoteaccess.encryption.password',
  sealingSalt: 'credentials.remoteaccess.encryption.salt',
  /** While keys are changed: what was in force before. It opens, and seals nothing. */
  previousSealingPassword: 'credentials.remoteaccess.encryption.previous.password',
  previousSealingSalt: 'credentials.remoteaccess.encryption.previous.salt',
} as const;

export interface TenantOption {
  category: string;
  key: string;
  value: string;
}
