/** The answer to `POST /credentials/reseal`. */
export interface ResealReport {
  /** `false`: the time was up, call again to go on. */
  complete: boolean;
  /** Gateways that have been looked at. */
  gateways: number;
  /** Secrets that were sealed with another key and now are with the one in force. */
  resealed: number;
  /** Secrets that were sealed with the key in force already. */
  current: number;
  /** Secrets that no key opens: somebody has to enter them again. */
  unusable: number;
  /** The first of those, with the names of their fields. */
  unusableSecrets: { deviceId: string; endpointId: string; name: string; field: string }[];
}
