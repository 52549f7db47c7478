/** The answer to `POST /credentials/reseal`. */
export interface ResealReport {
  /** `false` if time ran out: call again to continue. */
  complete: boolean;
  /** Gateways processed. */
  gateways: number;
  /** Secrets resealed with the current key. */
  resealed: number;
  /** Secrets that already used the current key. */
  current: number;
  /** Secrets that no key opens and that have to be entered again. */
  unusable: number;
  /** The first of those, with the names of their fields. */
  unusableSecrets: { deviceId: string; endpointId: string; name: string; field: string }[];
}
